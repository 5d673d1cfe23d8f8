"""A translator's own languages, asked before any view that writes: Wagtail asks by kind only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages

from cms.rights import is_reader, languages_of, may_write
from locales.languages import get_language

View = Callable[..., HttpResponse]


def guard(view: View, *, model: Any, argument: str) -> View:
    """Return a view that sends a translator back from rows that are not in her languages."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = _find(model, kwargs.get(argument))
        if (
            row is not None
            and not may_write(request.user, row)
            and not is_reader(request.user, row)
        ):
            return refuse(request, row)
        return view(request, *args, **kwargs)

    return guarded


def refuse(request: HttpRequest, row: Any) -> HttpResponse:
    """Say which languages are hers, and go to the start."""
    own = ", ".join(get_language(code).endonym for code in sorted(languages_of(request.user) or ()))
    words = _("This is in %(language)s. You change texts in these languages only: %(own)s.")
    language = get_language(row.locale.language_code).endonym
    messages.error(request, words % {"language": language, "own": own or "–"})
    return redirect("wagtailadmin_home")


def _find(model: Any, pk: Any) -> Any:
    if pk is None or not hasattr(model, "locale"):
        return None
    try:
        return model.objects.select_related("locale").filter(pk=unquote(str(pk))).first()
    except (ValueError, TypeError):
        return None  # no row has such an id, and the view says so
