"""One's own phone, on which a text can be tried before others get it. Its number is never shown again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import audit
from campaigns.permissions import may_assist, may_schedule
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse
from messaging.models.subscribers import Channel
from messaging.notifying import testing
from messaging.wire import SMS


@login_required
@require_safe
def show_phone(request: SignedIn) -> HttpResponse:
    """Show whether a phone is registered, and the form that comes next."""
    if not may_assist(request.user):
        return _refuse(request)
    mine = [(one, testing.find_phone(_owner(request), channel=one)) for one in Channel.values]
    return render(request, "desk/phone.html", {"phones": mine})


@login_required
@require_POST
def register_phone(request: SignedIn) -> HttpResponse:
    """Register a phone in the place of the one before, and send a code there."""
    if not may_assist(request.user):
        return _refuse(request)
    now = timezone.now()
    try:
        typed = request.POST.get("number", "")
        testing.register(_owner(request), typed, channel=_read_channel(request), now=now)
    except testing.TestingError as error:
        messages.error(request, str(error))
    else:
        _note(request, "added")
        messages.success(request, _("A code is on its way to this phone. Write it here."))
    return redirect("desk_phone")


@login_required
@require_POST
def confirm_phone(request: SignedIn) -> HttpResponse:
    """Take the code that came."""
    if not may_assist(request.user):
        return _refuse(request)
    try:
        typed, channel = request.POST.get("code", ""), _read_channel(request)
        testing.confirm(_owner(request), typed, channel=channel, now=timezone.now())
    except testing.TestingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("This is your phone. You can try texts on it now."))
    return redirect("desk_phone")


@login_required
@require_POST
def forget_phone(request: SignedIn) -> HttpResponse:
    """Forget the phone."""
    testing.forget(_owner(request), channel=_read_channel(request))
    messages.success(request, _("Forgotten."))
    return redirect("desk_phone")


@login_required
@require_POST
def try_text(request: SignedIn, code: str) -> HttpResponse:
    """Send one of a broadcast's texts to one's own phone."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can do this."))
    channel = _read_channel(request)
    editions = broadcast.editions.filter(channel=channel)
    edition = editions.filter(language=request.POST.get("language", "")).first()
    if edition is None:
        messages.error(request, _("There is no such text any more. Look at the page again."))
        return go_to(broadcast)
    now = timezone.now()
    try:
        testing.send_test(
            _owner(request), edition.text, channel=channel, template=edition.template_ref, now=now
        )
    except testing.TestingError as error:
        messages.error(request, str(error))
    else:
        audit.note_broadcast("tested", broadcast, actor=request.user.pk, now=now)
        messages.success(request, _("It is on its way to your phone."))
    return go_to(broadcast)


def _owner(request: SignedIn) -> str:
    return f"user:{request.user.pk}"


def _read_channel(request: SignedIn) -> str:
    channel = request.POST.get("channel", SMS)
    return channel if channel in Channel.values else SMS


def _refuse(request: SignedIn) -> HttpResponse:
    return refuse(request, _("Only people who plan or approve broadcasts can do this."))


def _note(request: SignedIn, verb: str) -> None:
    who = request.user.pk
    audit.note(verb, kind="phone", code=str(who), actor=who, now=timezone.now())
