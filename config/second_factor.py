"""The second factor: nobody gets anywhere without one, and its secrets are sealed.

A session counts only with a proof that was given in it: a code, a passkey, or the setting up of one.
So it holds as well if there should ever be another way in. Who has none yet is led to set one up; who
has one and a session without proof signs in anew.
"""

import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import segno
from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from config.policies import PROGRAM_PREFIXES, is_for_readers
from messaging.sealing.keeping import forget_secret, keep_secret, open_secret

# What programs ask for: nobody is signed in there, and no session is looked at.
_FOR_PROGRAMS = ("/hooks/", *PROGRAM_PREFIXES)
# What can be reached on the way to a second factor. Each of these asks for what it needs itself.
_ON_THE_WAY = ("/accounts/", "/i18n/")
# Where the secrets of a factor stand in its row, as the uid under which they are kept.
_SECRETS = ("secret", "seed")
_METHOD = "mfa"


class SealingAdapter(DefaultMFAAdapter):
    """Keep secrets sealed, draw the QR code ourselves, and leave everybody one factor at least."""

    def encrypt(self, text: str) -> str:
        """Keep a secret sealed, and return the uid by which it is found."""
        return str(keep_secret(text))

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret that is kept under a uid."""
        return open_secret(uuid.UUID(encrypted_text))

    def get_totp_issuer(self) -> str:
        """Return what an app calls us: the name of the service."""
        return settings.SERVICE_NAME

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code that an app reads."""
        drawn = BytesIO()
        segno.make(url, micro=False).save(drawn, kind="svg", scale=5, border=2)
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: Any, type: str) -> str:
        """Return what a new passkey is called until somebody renames it."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number} if number > 1 else _("My passkey")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Say whether somebody has another factor beside this one."""
        others = Authenticator.objects.filter(user=authenticator.user_id)
        others = others.exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


class SecondFactorMiddleware:
    """Let whoever is signed in get anywhere only with a second factor shown in this session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or lead to a second factor first."""
        if not is_guarded(request.path_info) or not request.user.is_authenticated:
            return self._get_response(request)
        if has_shown_factor(request):
            return self._get_response(request)
        if has_factor(request.user):
            logout(request)
            return redirect_to_sign_in(request)
        return redirect("mfa_index")


def has_factor(user: Any) -> bool:
    """Say whether somebody has set up a second factor."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(is_mfa_enabled(user, kinds))


def has_shown_factor(request: HttpRequest) -> bool:
    """Say whether a second factor was shown in this session, by whom it belongs to."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == _METHOD for record in records)


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to the sign-in page, and from there back to what was asked for."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    # What takes a form may not be an address that can be looked at.
    return redirect("account_login")


@receiver(authenticator_added)
def count_setting_up(
    request: HttpRequest, user: Any, authenticator: Authenticator, **_more: Any
) -> None:
    """Let who has just set a factor up be one who has shown it: she gave its first code."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, _METHOD, type=authenticator.type, id=authenticator.pk)


@receiver(authenticator_removed)
def ask_for_another(request: HttpRequest, user: Any, **_more: Any) -> None:
    """Let who has removed her last factor set up another one before she goes on."""
    if not has_factor(user):
        request.session.pop(AUTHENTICATION_METHODS_SESSION_KEY, None)


@receiver(post_delete, sender=Authenticator)
def forget_secrets(instance: Authenticator, **_more: Any) -> None:
    """Remove what was kept of a factor that is gone."""
    for name in _SECRETS:
        if held := instance.data.get(name):
            forget_secret(uuid.UUID(held))


def is_guarded(path: str) -> bool:
    """Say whether an address is for people who are signed in, and not on the way to that."""
    return is_for_staff(path) and not path.startswith(_ON_THE_WAY)


def is_for_staff(path: str) -> bool:
    """Say whether an address is neither for readers nor for programs."""
    return not path.startswith(_FOR_PROGRAMS) and not is_for_readers(path)
