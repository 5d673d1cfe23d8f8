"""Countries: the four papers of each, and the switch that needs them all."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms.safety import CountryForm, PapersForm
from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_officers, for_staff, keep, show
from locales.countries import COUNTRIES, country_name
from messaging.consenting import clearances
from messaging.models import Clearance


@for_staff
@require_safe
def list_countries(request: SignedIn) -> HttpResponse:
    """Show the countries that somebody has begun to clear, the open ones first."""
    language = get_language() or "en"
    rows = sorted(
        Clearance.objects.filter(country__in=COUNTRIES),
        key=lambda row: (not row.is_open, country_name(row.country, language)),
    )
    # Opens the page of the one that is chosen.
    chosen = request.GET.get("country", "")
    if chosen in COUNTRIES and chosen != "EU":
        return redirect("desk_country", code=chosen)
    return show(request, "countries", {"rows": rows, "form": CountryForm()})


@for_staff
@require_safe
def show_country(request: SignedIn, code: str) -> HttpResponse:
    """Show the papers of a country, and what is missing."""
    row = _find(code)
    return show(request, "country", {"row": row, "form": PapersForm(instance=row)})


@for_officers
@require_http_methods(["POST"])
def save_papers(request: SignedIn, code: str) -> HttpResponse:
    """Keep what was written about the papers."""
    row = _find(code)
    form = PapersForm(request.POST, instance=row)
    if not form.is_valid():
        return show(request, "country", {"row": _find(code), "form": form}, status=422)
    with transaction.atomic():
        form.save()
        keep(request, "saved", kind="country", code=code)
    messages.success(request, _("Saved."))
    return redirect("desk_country", code=code)


@for_officers
@require_POST
def open_country(request: SignedIn, code: str) -> HttpResponse:
    """Open a country in the person's name."""
    row = get_object_or_404(Clearance, country=code)
    try:
        with transaction.atomic():
            clearances.open_country(row, by=request.user.pk, now=timezone.now())
            keep(request, "opened", kind="country", code=code)
    except clearances.ClearanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Open: people can join from there."))
    return redirect("desk_country", code=code)


@for_officers
@require_POST
def close_country(request: SignedIn, code: str) -> HttpResponse:
    """Close a country at once."""
    row = get_object_or_404(Clearance, country=code)
    with transaction.atomic():
        if closed := clearances.close_country(row, now=timezone.now()):
            keep(request, "closed", kind="country", code=code)
    if closed:
        messages.success(
            request, _("Closed: nobody can join from there, and no new broadcast goes there.")
        )
    else:
        messages.error(request, _("It is closed already."))
    return redirect("desk_country", code=code)


def _find(code: str) -> Clearance:
    if code not in COUNTRIES or code == "EU":
        raise Http404
    return Clearance.objects.select_related("cleared_by").filter(country=code).first() or Clearance(
        country=code
    )
