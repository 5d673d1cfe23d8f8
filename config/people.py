"""The two people of a rehearsal: an editor who also approves, and a field partner.

Their passwords are made by chance on the first run and kept beside the database, readable by its
owner only. A live deployment invites its own people and never has these.
"""

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from campaigns.models import Membership, Partner
from cms.roles import ensure_editor_group

PARTNER = "Rehearsal Partner"
EDITOR_EMAIL = "editor@waymark.example"
PARTNER_EMAIL = "partner@waymark.example"
_ROLES = {EDITOR_EMAIL: "editor and approver", PARTNER_EMAIL: "field partner"}
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def sign_ins() -> list[tuple[str, str, str]]:
    """Return (role, e-mail, password) of the rehearsal's two people."""
    passwords = _read_passwords()
    return [(role, email, passwords[email]) for email, role in _ROLES.items()]


def ensure_people() -> None:
    """Make the partner and the two people where they are missing; a changed password stays changed."""
    passwords = _read_passwords()
    with transaction.atomic():
        partner, _made = Partner.objects.get_or_create(name=PARTNER)
        editor = _ensure_user(EDITOR_EMAIL, passwords[EDITOR_EMAIL])
        editor.groups.add(ensure_editor_group())
        scheduler = _ensure_user(PARTNER_EMAIL, passwords[PARTNER_EMAIL])
        for user, role in (
            (editor, Membership.Role.APPROVER),
            (editor, Membership.Role.ANALYST),
            (scheduler, Membership.Role.SCHEDULER),
        ):
            Membership.objects.get_or_create(user=user, partner=partner, role=role)


def _ensure_user(email: str, password: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(username=email, email=email, password=password)
    return user


def _read_passwords() -> dict[str, str]:
    path = Path(settings.DATA_DIR) / "sign-ins.json"
    if path.exists():
        known: dict[str, str] = json.loads(path.read_text())
        return known
    made = {email: "-".join(_draw(4) for _ in range(4)) for email in _ROLES}
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
