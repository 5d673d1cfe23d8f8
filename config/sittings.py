"""How long somebody stays signed in: 30 minutes without a sign of her, and eight hours at most.

A page that refreshes itself is no sign of anybody: a laptop that was left open signs itself out. Typing
is one, so the pages say so every few minutes while somebody writes (`desk/here.js`). The time is kept in
the session and written once a minute at most. The session itself is known for some days longer, so that
what is sent after its end can be kept for her (`config.kept_forms`). Whoever finds a session of hers that
she does not know, or on a phone that was lost, ends it alone.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.views.requests import SignedIn
from config.kept_forms import keep_form, read_form
from config.policies import CMS_PREFIX
from config.second_factor import is_for_staff, is_guarded, redirect_to_sign_in

HERE_PATH = "/accounts/here/"
_BEGAN, _SEEN = "sitting_began", "sitting_seen"
_WRITTEN_EVERY = 60
# Wagtail's editor says every few seconds that it is open, whether somebody sits before it or not.
_PINGS = "/cms/editing-sessions/"


class _Over(Enum):
    IDLE = "idle"
    LONG = "long"


class SittingMiddleware:
    """End a session that is idle or old, with a sentence on the sign-in page that says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, unless the time of who asks is over."""
        now = timezone.now()
        if not is_for_staff(request.path_info):
            # Lazily: no reader's answer depends on a cookie.
            user: Any = SimpleLazyObject(partial(_find_sitting, request, request.user, now=now))
            request.user = user
            return self._get_response(request)
        if not request.user.is_authenticated:
            return _say_what_was_lost(request, self._get_response(request))
        if over := _find_over(request, now=now):
            return _end(request, over)
        _note_sign(request, now=now)
        return _leave_nothing(self._get_response(request))


@require_safe
@never_cache
def be_here(_request: HttpRequest) -> HttpResponse:
    """Answer a page on which somebody is typing; that she was seen is noted on the way here."""
    return HttpResponse(status=204)


@login_required
@require_POST
def end_session(request: SignedIn, pk: int) -> HttpResponse:
    """End one other session of whoever asks; raise Http404 where it is somebody else's."""
    session = UserSession.objects.filter(pk=pk).first()
    if session is None:
        # Two tabs, or two clicks.
        messages.info(request, _("That one had ended already."))
        return redirect("usersessions_list")
    if session.user_id != request.user.pk:
        raise Http404
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    session.end()
    messages.success(
        request, _("Signed out there: on that phone or laptop one has to sign in again.")
    )
    return redirect("usersessions_list")


def _find_sitting(request: HttpRequest, user: Any, *, now: datetime) -> Any:
    """Return who asks on the readers' side: nobody, once her time is over."""
    return AnonymousUser() if user.is_authenticated and _find_over(request, now=now) else user


def _say_what_was_lost(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Say to whom a form sends to the sign-in page that nothing came of it, and lead back to no button.

    The session was ended elsewhere, or its browser was closed: nobody knows any more whose form it was.
    """
    path = request.path_info
    if request.method in ("GET", "HEAD") or not is_guarded(path) or path.startswith(CMS_PREFIX):
        return answer
    to_sign_in = f"{reverse('account_login')}?{REDIRECT_FIELD_NAME}="
    if not answer.get("Location", "").startswith(to_sign_in):
        return answer
    messages.info(
        request, _("You are signed out, so nothing was saved or sent. Sign in, then do it again.")
    )
    return redirect_to_sign_in(request)


def _leave_nothing(answer: HttpResponseBase) -> HttpResponseBase:
    """Let no browser keep a page of hers, so that Back shows none to whoever sits there after her."""
    if not answer.has_header("Cache-Control"):
        add_never_cache_headers(answer)
    return answer


def _end(request: HttpRequest, over: _Over) -> HttpResponseBase:
    """Sign somebody out, say why, and keep what she has just sent."""
    form = read_form(request)
    logout(request)
    messages.info(request, _say(over))
    if form is None:
        return redirect_to_sign_in(request)
    keep_form(request, form)
    return redirect_to_login(reverse("account_kept"))


@receiver(user_logged_in)
def begin(request: HttpRequest, **_: Any) -> None:
    """Note when somebody signed in."""
    request.session[_BEGAN] = request.session[_SEEN] = timezone.now().timestamp()


def _find_over(request: HttpRequest, *, now: datetime) -> _Over | None:
    """Return in which way a session is over; one of an earlier version has no times, and is."""
    moment = now.timestamp()
    if moment - request.session.get(_BEGAN, 0) >= settings.SIGNED_IN_SECONDS:
        return _Over.LONG
    return _Over.IDLE if moment - request.session.get(_SEEN, 0) >= settings.IDLE_SECONDS else None


def _note_sign(request: HttpRequest, *, now: datetime) -> None:
    seen = request.session[_SEEN]
    if _is_sign(request) and now.timestamp() - seen >= _WRITTEN_EVERY:
        request.session[_SEEN] = now.timestamp()


def _is_sign(request: HttpRequest) -> bool:
    """Say whether a person is behind a request: she went somewhere, sent something or is typing."""
    path = request.path_info
    if path == HERE_PATH:
        return True
    if path.startswith(_PINGS):
        return False
    # A browser that does not say so is believed to go somewhere.
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return request.method not in ("GET", "HEAD") or mode == "navigate"


def _say(over: _Over) -> str:
    if over is _Over.IDLE:
        return _("You were signed out because nobody was here for half an hour. Sign in again.")
    return _("You were signed out after eight hours. Sign in again.")
