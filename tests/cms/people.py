"""People of the CMS by their roles, and their browsers, for tests."""

from django.contrib.auth.models import User
from django.test import Client

from cms.models import Translator
from cms.rights import Role
from cms.roles import ensure_roles

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def make_person(name: str, *roles: Role, languages: tuple[str, ...] = ()) -> User:
    """Return a new person with these roles, bound to languages where any are named."""
    groups = ensure_roles()
    person = User.objects.create_user(name, f"{name}@waymark.example", "-")
    person.groups.add(*(groups[role] for role in roles))
    if languages:
        Translator.objects.create(user=person, languages=list(languages))
    return person


def browser_of(person: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client
