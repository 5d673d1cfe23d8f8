"""How these pages are answered: in the readers' frame, never stored, and kept by no phone once posted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.cache import patch_cache_control

from campaigns.reading import addresses
from cms.reader.addresses import Place, countries_path, fixed_place, home_path
from cms.reader.serving import read_frame, seal
from locales.languages import Language

_KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold the language asked for, the nearest that the site is in, and where the page stands."""

    asked: Language
    language: Language
    place: Place


def find_frame(language: str, build: Callable[[str], str]) -> Frame:
    """Return the frame of an address; answer 404 where there is no such language or no site."""
    asked, nearest = read_frame(language)
    return Frame(asked, nearest, fixed_place(build))


def answer(
    request: HttpRequest, template: str, frame: Frame, *, status: int = 200, **words: Any
) -> HttpResponse:
    """Answer with a page; what was posted, and what went wrong, no cache keeps."""
    code = frame.asked.code
    context = {
        "asked": frame.asked,
        "language": frame.language,
        "place": frame.place,
        "home": home_path(code),
        "help": countries_path(code),
        "join": addresses.join_path(code),
        "code_path": addresses.code_path(code),
        "stop": addresses.stop_path(code),
        **words,
    }
    with translation.override(frame.language.code):
        page = TemplateResponse(request, f"campaigns/{template}", context, status=status).render()
    response: HttpResponse = seal(page)
    if request.method == "POST" or status != 200:
        patch_cache_control(response, no_store=True)
    else:
        patch_cache_control(response, public=True, max_age=_KEPT_SECONDS)
    return response
