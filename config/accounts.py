"""Signing in: nobody makes an account by themselves, and who tries too often waits.

People are invited (`campaigns.partners.inviting`). A password that is wrong too often locks its
name for the address it came from, and nobody else; what was tried is counted by django-axes.
"""

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from campaigns.permissions import partners_of
from campaigns.reading.networks import read_address
from campaigns.staff import Duties
from campaigns.views.signing_again import has_signed_in_lately
from config.lost_passwords import write_to

# What stands where nobody can tell an address: a column wants one.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104  # nothing listens on it
_MFA = "allauth.mfa"


class ClosedAdapter(DefaultAccountAdapter):
    """Keep sign-up closed, and refuse who is locked before anything else is asked."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say no: the system is not a place to register."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send people to the desk, and those who only write to the CMS."""
        writes = request.user.has_perm("wagtailadmin.access_admin")
        at_desk = partners_of(request.user).exists() or Duties(request.user).across
        return reverse("wagtailadmin_home" if writes and not at_desk else "desk")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address behind our own proxies, whatever else a request says of itself."""
        return read_address(request) or _NO_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse who is locked without counting it: one address must not use up a name's tries."""
        if not AxesProxyHandler.is_allowed(request, credentials):
            # Its middleware answers with the page that says so.
            request.axes_locked_out = True  # type: ignore[attr-defined]
            request.axes_credentials = credentials  # type: ignore[attr-defined]
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Ask nobody twice who has just signed in, nor who has no second factor to ask for yet."""
        request = self.request
        if has_signed_in_lately(request, now=timezone.now()):
            return False
        if app == _MFA and not is_mfa_enabled(request.user):
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the address for a letter: of this service, whatever a request says of its host."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", quote(key))

    def send_password_reset_mail(
        self,
        user: Any,  # noqa: ARG002
        email: str,
        context: dict[str, Any],
    ) -> None:
        """Send the letter in which somebody finds how to choose a new password."""
        write_to(email, context["password_reset_url"])

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Check a password under the e-mail that somebody signs in with, known to allauth or not."""
        if EmailAddress.objects.get_primary_email(user):
            return bool(super().reauthenticate(user, password))
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk


def name_client(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return whose sign-in is tried: an e-mail in small letters, however it was typed."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.email or user.get_username()).lower()
    held = credentials or {}
    typed = held.get("email") or request.POST.get("login") or held.get("login")
    return str(typed or held.get("username") or "").strip().lower()


def find_address(request: HttpRequest) -> str:
    """Return the address that tries are counted for."""
    return read_address(request) or _NO_ADDRESS
