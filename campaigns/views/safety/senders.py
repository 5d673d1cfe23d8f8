"""Senders: what each does, where it may send, and the halt that one person may set and lift."""

import logging

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms.senders import PlaceForm, SenderForm
from campaigns.going_out import sending
from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_leads, for_staff, keep, keep_stop, show
from messaging.models import Sender, SenderCountry
from messaging.senders import breaker

log = logging.getLogger("waymark.desk")


@for_staff
@require_safe
def list_senders(request: SignedIn) -> HttpResponse:
    """Show all senders, and the switch that stops them all."""
    context = {"lines": sending.list_senders(), "switch": sending.read_switch(now=timezone.now())}
    return show(request, "senders", context)


@for_staff
@require_safe
def show_sender(request: SignedIn, pk: int) -> HttpResponse:
    """Show one sender and where it may send."""
    return _show_sender(request, get_object_or_404(Sender, pk=pk), PlaceForm(), status=200)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def add_sender(request: SignedIn) -> HttpResponse:
    """Show the form for a new sender, or add it."""
    return _answer(request, None)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def change_sender(request: SignedIn, pk: int) -> HttpResponse:
    """Show the form of a sender, or change it."""
    return _answer(request, get_object_or_404(Sender, pk=pk))


@for_leads
@require_POST
def save_place(request: SignedIn, pk: int) -> HttpResponse:
    """Keep where a sender stands in a country."""
    sender = get_object_or_404(Sender, pk=pk)
    country = request.POST.get("country", "")
    row = SenderCountry.objects.filter(sender=sender, country=country).first()
    form = PlaceForm(request.POST, instance=row or SenderCountry(sender=sender))
    if not form.is_valid():
        return _show_sender(request, sender, form, status=422)
    with transaction.atomic():
        form.save()
        keep(request, "changed", kind="sender", code=pk)
    messages.success(request, _("Saved. It counts from the next broadcast on."))
    return redirect("desk_sender", pk=pk)


@for_leads
@require_POST
def halt(request: SignedIn, pk: int) -> HttpResponse:
    """Halt a sender at once."""
    sender = get_object_or_404(Sender, pk=pk)
    if breaker.halt(sender.pk, now=timezone.now()):
        keep_stop(request, "halted", kind="sender", code=pk)
        log.warning("sender %s was halted by user %s", sender.pk, request.user.pk)
        messages.success(
            request, _("Halted. What nobody has yet goes by another sender, where there is one.")
        )
    else:
        messages.error(request, _("It is halted already."))
    return redirect("desk_sender", pk=pk)


@for_leads
@require_POST
def let_go(request: SignedIn, pk: int) -> HttpResponse:
    """Let a halted sender go on."""
    sender = get_object_or_404(Sender, pk=pk)
    with transaction.atomic():
        if goes_on := breaker.let_go(sender.pk):
            keep(request, "resumed", kind="sender", code=pk)
    if goes_on:
        log.warning("sender %s was let go by user %s", sender.pk, request.user.pk)
        messages.success(request, _("It goes on. If it still fails it halts itself again."))
    else:
        messages.error(request, _("It is not halted."))
    return redirect("desk_sender", pk=pk)


def _show_sender(
    request: SignedIn, sender: Sender, form: PlaceForm, *, status: int
) -> HttpResponse:
    lines = {line.sender.pk: line for line in sending.list_senders()}
    context = {"line": lines[sender.pk], "places": sending.list_places(sender), "form": form}
    return show(request, "sender", context, status=status)


def _answer(request: SignedIn, sender: Sender | None) -> HttpResponse:
    form = SenderForm(request.POST or None, instance=sender)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            keep(request, "changed" if sender else "added", kind="sender", code=saved.pk)
        messages.success(request, _("Saved. It counts from the next broadcast on."))
        return redirect("desk_sender", pk=saved.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "sender": sender}
    return show(request, "sender_form", context, status=status)
