"""Signing in again: what counts for much is done only by somebody who showed lately who she is.

A phone that was left lying, or a session that was stolen, approves nothing. Who is asked goes on with
what she sent, once she has given her password, a code or a passkey.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns.views.requests import SignedIn

_More = ParamSpec("_More")
_View = Callable[Concatenate[SignedIn, _More], HttpResponse]


def for_who_signed_in_lately(view: _View[_More]) -> _View[_More]:
    """Let a view be reached within minutes of a sign-in only; else ask for one and then go on."""

    @wraps(view)
    def ask_first(request: SignedIn, /, *args: _More.args, **kwargs: _More.kwargs) -> HttpResponse:
        if not has_signed_in_lately(request, now=timezone.now()):
            # allauth's middleware keeps what was posted and leads to the page that asks.
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return ask_first


def has_signed_in_lately(request: HttpRequest, *, now: datetime) -> bool:
    """Say whether who asks gave a second factor, or signed in again, within the last few minutes."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    shown = [
        float(record["at"])
        for record in records
        if record.get("method") == "mfa" or record.get("reauthenticated")
    ]
    since = now.timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return bool(shown) and max(shown) > since
