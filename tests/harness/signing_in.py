"""Signing in without pages: whoever a test signs in by force counts as with a second factor.

`Client.force_login` writes no proof of one into the session, and the house lets nobody in without.
"""

import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

# As allauth keeps them: what somebody has shown in this session, and who that was.
_RECORDS, _OWNER = "account_authentication_methods", "account_authentication_methods_user"
sign_in_without_factor = Client.force_login


def sign_in_with_factor(client: Client, user: User, backend: str | None = None) -> None:
    """Sign somebody in as if she had just given her password and a code."""
    sign_in_without_factor(client, user, backend)
    record_factor(client, user)


def record_factor(client: Client, user: User, **more: Any) -> None:
    """Write into a session that its owner gave a code, now or `at` another time."""
    session = client.session
    session[_RECORDS] = [{"method": "mfa", "at": time.time(), "type": "totp", **more}]
    session[_OWNER] = str(user.pk)
    session.save()


def count_force_as_factor() -> None:
    """Let every `Client.force_login` of this process do so."""
    Client.force_login = sign_in_with_factor  # type: ignore[assignment, method-assign]
