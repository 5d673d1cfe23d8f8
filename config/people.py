"""The people of a rehearsal: one for every role that may not be the same person as another.

Their passwords are made by chance on the first run and kept beside the database, readable by its
owner only. A live deployment invites its own people and never has these.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from campaigns.models import Membership, Partner
from cms.models import Translator
from cms.rights import Role
from cms.roles import ensure_roles

PARTNER = "Rehearsal Partner"
EDITOR_EMAIL = "editor@waymark.example"
REVIEWER_EMAIL = "reviewer@waymark.example"
PROTECTION_EMAIL = "protection@waymark.example"
TRANSLATOR_EMAIL = "translator@waymark.example"
PARTNER_EMAIL = "partner@waymark.example"
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is: in words, in the CMS, and at the desk."""

    words: str
    roles: tuple[Role, ...] = ()
    desk: tuple[Membership.Role, ...] = ()
    languages: tuple[str, ...] = ()


PEOPLE = {
    EDITOR_EMAIL: Person(
        "editor, approves broadcasts",
        roles=(Role.EDITORS,),
        desk=(Membership.Role.APPROVER, Membership.Role.ANALYST),
    ),
    # She may read for protection too, but never both of one text: that needs the next one.
    REVIEWER_EMAIL: Person(
        "reviewer, publisher",
        roles=(Role.REVIEWERS, Role.PROTECTION_REVIEWERS, Role.PUBLISHERS),
    ),
    PROTECTION_EMAIL: Person("protection reviewer", roles=(Role.PROTECTION_REVIEWERS,)),
    TRANSLATOR_EMAIL: Person("translator, French", roles=(Role.TRANSLATORS,), languages=("fr",)),
    PARTNER_EMAIL: Person("field partner", desk=(Membership.Role.SCHEDULER,)),
}


def sign_ins() -> list[tuple[str, str, str]]:
    """Return (role, e-mail, password) of the rehearsal's people."""
    passwords = _read_passwords()
    return [(person.words, email, passwords[email]) for email, person in PEOPLE.items()]


def ensure_people() -> None:
    """Make the partner and the people where they are missing; what was changed stays changed."""
    passwords = _read_passwords()
    with transaction.atomic():
        partner, _made = Partner.objects.get_or_create(name=PARTNER)
        groups = ensure_roles()
        for email, person in PEOPLE.items():
            user = _ensure_user(email, passwords[email])
            user.groups.add(*(groups[role] for role in person.roles))
            if person.languages:
                Translator.objects.get_or_create(
                    user=user, defaults={"languages": list(person.languages)}
                )
            for role in person.desk:
                Membership.objects.get_or_create(user=user, partner=partner, role=role)


def _ensure_user(email: str, password: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(username=email, email=email, password=password)
    return user


def _read_passwords() -> dict[str, str]:
    path = Path(settings.DATA_DIR) / "sign-ins.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    # An earlier version knew fewer people.
    missing = [email for email in PEOPLE if email not in known]
    if not missing:
        return known
    made = known | {email: "-".join(_draw(4) for _ in range(4)) for email in missing}
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: an interrupted first run must not leave half a file behind.
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(made, indent=2))
    fresh.replace(path)
    return made


def _draw(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
