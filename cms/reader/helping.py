"""Help near her: by a country that she chooses, never by where her phone is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from cms.models import Status
from cms.reader.addresses import countries_path, country_path, country_place, fixed_place
from cms.reader.reaching import list_near, reach_from
from cms.reader.serving import Leaf, answer, read_frame
from cms.reader.showing import Shown
from cms.reader.tracing import Kind
from locales.countries import NAMED_COUNTRIES, country_name


@require_safe
def list_countries(request: HttpRequest, language: str) -> HttpResponse:
    """Offer every country in which somebody can be reached."""
    asked, home = read_frame(language)
    countries, anywhere = list_near(language=home.code, today=timezone.localdate())
    with translation.override(home.code):
        title = translation.gettext("Help near you")
    leaf = Leaf(Kind.COUNTRIES, asked, home, fixed_place(countries_path), title)
    links = [(country_path(asked.code, near.code), near.name) for near in countries]
    return answer(
        request,
        "cms/countries_page.html",
        leaf,
        countries=links,
        anywhere=anywhere,
        **_notes(anywhere),
    )


@require_safe
def help_in_country(request: HttpRequest, language: str, country: str) -> HttpResponse:
    """Show whom a reader can reach from one country, and from anywhere."""
    asked, home = read_frame(language)
    code = country.upper()
    # One address for one page: nothing but small letters.
    if code not in NAMED_COUNTRIES or country != country.lower():
        raise Http404
    reach = reach_from(code, language=home.code, today=timezone.localdate())
    name = country_name(code, home.code)
    with translation.override(home.code):
        title = f"{translation.gettext('Help near you')}: {name}"
    leaf = Leaf(Kind.COUNTRY, asked, home, country_place(code), title)
    shown = (*reach.near, *reach.anywhere)
    return answer(
        request,
        "cms/country_page.html",
        leaf,
        name=name,
        reach=reach,
        back=countries_path(asked.code),
        **_notes(shown),
    )


def _notes(shown: tuple[Shown, ...]) -> dict[str, bool]:
    return {
        "is_draft": any(item.is_draft for item in shown),
        "is_demo": any(item.entry.status == Status.DEMO for item in shown),
    }
