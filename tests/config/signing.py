"""People who sign in through the pages, with a password and a code, for tests."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth.models import User
from django.test import Client

from messaging.sandbox.codes import PERIOD, make_code

PASSWORD = "seven green kites fly"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, FACTORS = "/accounts/login/", "/accounts/factors/"
SECOND_STEP = f"{FACTORS}authenticate/"
# The half minute in which every test takes place.
COUNTER = 58_000_000


def make_person(name: str = "amina", *, secret: str = SECRET) -> User:
    """Return somebody with a password and, unless `secret` is empty, an app with codes."""
    email = f"{name}@waymark.example"
    user = User.objects.create_user(email, email, PASSWORD)
    if secret:
        data = {"secret": encrypt(secret)}
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return user


def code_of(secret: str = SECRET) -> str:
    """Return the code of the half minute of the tests."""
    return make_code(secret, COUNTER * PERIOD)


def give_password(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    """Post the first page."""
    return client.post(LOGIN, {"login": user.email, "password": password}, **more)


def sign_in(client: Client, user: User, **more: Any) -> Any:
    """Post both pages and return the answer to the second."""
    give_password(client, user, **more)
    return client.post(SECOND_STEP, {"code": code_of()}, **more)


def is_in(client: Client) -> bool:
    """Say whether the desk opens."""
    return bool(client.get("/desk/").status_code == 200)
