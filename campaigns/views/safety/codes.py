"""Codes: what the providers' error codes mean to us, and those that nobody has explained yet."""

from itertools import groupby

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.forms.codes import CodeForm
from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_leads, for_staff, keep, show
from messaging.models import ProviderCode
from messaging.receiving.codes import PROVIDERS, REASONS, UNRECOGNISED, save


@for_staff
@require_safe
def list_codes(request: SignedIn) -> HttpResponse:
    """Show what waits for an explanation, and one provider's codes by what they mean."""
    chosen = request.GET.get("provider", "")
    chosen = chosen if chosen in PROVIDERS else next(iter(PROVIDERS))
    order = list(REASONS)
    explained = ProviderCode.objects.filter(provider=chosen).exclude(reason=UNRECOGNISED)
    rows = sorted(explained, key=lambda row: (order.index(row.reason), row.code))
    context = {
        "waiting": [
            (row, PROVIDERS.get(row.provider, row.provider))
            for row in ProviderCode.objects.filter(reason=UNRECOGNISED).order_by("provider", "code")
        ],
        "groups": [
            (REASONS[reason], list(found))
            for reason, found in groupby(rows, lambda row: row.reason)
        ],
        "providers": PROVIDERS.items(),
        "chosen": chosen,
    }
    return show(request, "codes", context)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def add_code(request: SignedIn) -> HttpResponse:
    """Show the form for a new code, or add it."""
    return _answer(request, None)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def change_code(request: SignedIn, pk: int) -> HttpResponse:
    """Show what a code means, or change it."""
    return _answer(request, get_object_or_404(ProviderCode, pk=pk))


def _answer(request: SignedIn, row: ProviderCode | None) -> HttpResponse:
    form = CodeForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with transaction.atomic():
            saved = save(
                given["provider"], given["code"], reason=given["reason"], note=given["note"]
            )
            # Not the code itself: what a provider says may be anything.
            keep(request, "saved", kind="code", code=saved.pk)
        messages.success(request, _("Saved. Everything that sends knows it within a minute."))
        return redirect("desk_codes")
    context = {"form": form, "row": row, "provider": row and PROVIDERS.get(row.provider)}
    return show(request, "code", context, status=422 if form.errors else 200)
