"""Who may make an account: nobody by themselves; and where people go who have signed in.

People are invited by an administrator.
"""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from campaigns.permissions import partners_of


class ClosedAdapter(DefaultAccountAdapter):
    """Keep sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say no: the system is not a place to register."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send people to the desk, and those who only write to the CMS."""
        writes = request.user.has_perm("wagtailadmin.access_admin")
        at_desk = partners_of(request.user).exists()
        return reverse("wagtailadmin_home" if writes and not at_desk else "desk")
