"""The people of a rehearsal: one for every role that may not be the same person as another.

Their passwords and the secrets of their second factors are made by chance on the first run and kept
beside the database, readable by its owner only. A live deployment invites its own people and never has
these.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from campaigns.models import Membership, Partner
from campaigns.staff import ADMINISTRATORS, LEADS, OFFICERS, ensure_staff_groups
from cms.models import Translator
from cms.rights import Role
from cms.roles import ensure_roles

PARTNER = "Rehearsal Partner"
# Another one, of which the first sees nothing.
NEIGHBOUR = "Rehearsal Neighbour"
EDITOR_EMAIL = "editor@waymark.example"
REVIEWER_EMAIL = "reviewer@waymark.example"
PROTECTION_EMAIL = "protection@waymark.example"
TRANSLATOR_EMAIL = "translator@waymark.example"
PARTNER_EMAIL = "partner@waymark.example"
OFFICER_EMAIL = "dpo@waymark.example"
APPROVER_EMAIL = "approver@waymark.example"
ANALYST_EMAIL = "analyst@waymark.example"
ADMINISTRATOR_EMAIL = "admin@waymark.example"
NEIGHBOUR_EMAIL = "neighbour@waymark.example"
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
# As RFC 4226 wants it (4, R6), and without padding in base32.
_SECRET_BYTES = 20


class SignIn(TypedDict):
    """Hold how one of them signs in, as it stands in the file."""

    password: str
    secret: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is: in words, in the CMS, at the desk, and among staff."""

    words: str
    roles: tuple[Role, ...] = ()
    desk: tuple[Membership.Role, ...] = ()
    languages: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    partner: str = PARTNER


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
    # Some broadcasts need two who say yes.
    APPROVER_EMAIL: Person("approves broadcasts too", desk=(Membership.Role.APPROVER,)),
    ANALYST_EMAIL: Person("reads reports", desk=(Membership.Role.ANALYST,)),
    OFFICER_EMAIL: Person("lead, data protection", staff=(LEADS, OFFICERS)),
    ADMINISTRATOR_EMAIL: Person("administrator", staff=(ADMINISTRATORS,)),
    NEIGHBOUR_EMAIL: Person(
        "field partner next door", desk=(Membership.Role.SCHEDULER,), partner=NEIGHBOUR
    ),
}


def sign_ins() -> list[tuple[str, str, str]]:
    """Return (role, e-mail, password) of the rehearsal's people."""
    held = _read_sign_ins()
    return [(person.words, email, held[email]["password"]) for email, person in PEOPLE.items()]


def read_secret(email: str) -> str:
    """Return the secret (base32) of what makes the codes of one of them; raise KeyError for others."""
    return _read_sign_ins()[email]["secret"]


def ensure_people() -> None:
    """Make the partners and the people where they are missing; what was changed stays changed."""
    held = _read_sign_ins()
    with transaction.atomic():
        partners = {
            name: Partner.objects.get_or_create(name=name)[0] for name in (PARTNER, NEIGHBOUR)
        }
        groups = {str(role): group for role, group in ensure_roles().items()}
        groups |= ensure_staff_groups()
        for email, person in PEOPLE.items():
            user = _ensure_user(email, held[email])
            user.groups.add(*(groups[name] for name in (*person.roles, *person.staff)))
            if person.languages:
                Translator.objects.get_or_create(
                    user=user, defaults={"languages": list(person.languages)}
                )
            for role in person.desk:
                Membership.objects.get_or_create(
                    user=user, partner=partners[person.partner], role=role
                )


def _ensure_user(email: str, sign_in: SignIn) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(username=email, email=email, password=sign_in["password"])
    if not Authenticator.objects.filter(user=user).exists():
        data = {"secret": encrypt(sign_in["secret"])}
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return user


def _read_sign_ins() -> dict[str, SignIn]:
    path = Path(settings.DATA_DIR) / "sign-ins.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    # An earlier version knew fewer people, and of each the password alone.
    made = {email: _complete(known.get(email)) for email in {**known, **PEOPLE}}
    if made == known:
        return made
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: an interrupted first run must not leave half a file behind.
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(made, indent=2))
    fresh.replace(path)
    return made


def _complete(known: SignIn | str | None) -> SignIn:
    if isinstance(known, dict):
        return known
    secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    return {"password": known or "-".join(_draw(4) for _ in range(4)), "secret": secret}


def _draw(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
