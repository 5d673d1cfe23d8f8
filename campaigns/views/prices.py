"""Prices: what one part costs, by country and sender, from which day on. For leads and administrators."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.forms.prices import PriceForm
from campaigns.models import Price
from campaigns.permissions import may_administrate
from campaigns.reckoning import pricing
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn, refuse

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one price, and whether it counts now, later, or not any more."""

    price: Price
    state: str


def _for_hosts(view: View) -> View:
    """Let in programme leads and administrators only."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if may_administrate(request.user):
            return view(request, *args, **kwargs)
        return refuse(request, _("Only programme leads and administrators can do this."))

    return login_required(guarded)


@_for_hosts
@require_safe
@never_cache
def list_prices(request: SignedIn) -> HttpResponse:
    """Show all prices, and which senders have none."""
    initial = {"valid_from": timezone.now().date(), "currency": _find_currency()}
    return _show(request, PriceForm(initial=initial), status=200)


@_for_hosts
@require_POST
def save_price(request: SignedIn) -> HttpResponse:
    """Set a price from a day on."""
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            pricing.save_price(form.make_price(), by=request.user, now=timezone.now())
        except pricing.PriceError as error:
            form.add_error("currency", str(error))
        else:
            messages.success(request, _("Saved. Every estimate from that day on uses it."))
            return redirect("desk_prices")
    return _show(request, form, status=422)


@_for_hosts
@require_POST
def remove_price(request: SignedIn, pk: int) -> HttpResponse:
    """Take a price back."""
    price = get_object_or_404(Price, pk=pk)
    if pricing.remove_price(price, by=request.user, now=timezone.now()):
        messages.success(
            request, _("Taken back. The price before it counts again, if there is one.")
        )
    return redirect("desk_prices")


def _show(request: SignedIn, form: PriceForm, *, status: int) -> HttpResponse:
    today = timezone.now().date()
    context = {
        "form": form,
        "lines": _make_lines(pricing.list_prices(), today),
        "unpriced": pricing.list_unpriced(today),
        "duties": Duties(request.user),
    }
    return render(request, "desk/safety/prices.html", context, status=status)


def _make_lines(prices: list[Price], today: date) -> list[Line]:
    lines, seen = [], set()
    for price in prices:
        key = (price.channel, price.country, price.sender_id, price.category)
        if price.valid_from > today:
            state = "later"
        else:
            # Of one thing the latest comes first.
            state = "over" if key in seen else "now"
            seen.add(key)
        lines.append(Line(price, state))
    return lines


def _find_currency() -> str:
    return Price.objects.values_list("currency", flat=True).first() or "USD"
