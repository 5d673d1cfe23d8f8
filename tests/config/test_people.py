"""The rehearsal's people: made once, their passwords readable by their owner only."""

import json
import os
import re
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from campaigns.models import Membership, Partner
from cms.rights import Role as CmsRole
from cms.rights import languages_of
from config.people import (
    ANALYST_EMAIL,
    APPROVER_EMAIL,
    EDITOR_EMAIL,
    NEIGHBOUR,
    NEIGHBOUR_EMAIL,
    PARTNER,
    PARTNER_EMAIL,
    PEOPLE,
    PROTECTION_EMAIL,
    REVIEWER_EMAIL,
    TRANSLATOR_EMAIL,
    ensure_people,
    read_secret,
    sign_ins,
)
from messaging.sandbox.codes import make_code, read_secrets

Role = Membership.Role


@pytest.fixture
def file(data_dir: Path) -> Path:
    return data_dir / "sign-ins.json"


@pytest.mark.django_db
def test_people_are_made_once_with_their_roles(file: Path) -> None:
    for _run in range(2):
        ensure_people()
    assert set(User.objects.values_list("email", flat=True)) == set(PEOPLE)
    roles = Membership.objects.values_list("user__email", "role", "partner__name")
    assert sorted(roles) == [
        (ANALYST_EMAIL, Role.ANALYST, PARTNER),
        (APPROVER_EMAIL, Role.APPROVER, PARTNER),
        (EDITOR_EMAIL, Role.ANALYST, PARTNER),
        (EDITOR_EMAIL, Role.APPROVER, PARTNER),
        (NEIGHBOUR_EMAIL, Role.SCHEDULER, NEIGHBOUR),
        (PARTNER_EMAIL, Role.SCHEDULER, PARTNER),
    ]
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.django_db
def test_who_writes_does_not_read_and_who_reads_does_not_write(file: Path) -> None:
    ensure_people()
    roles = {
        email: set(User.objects.get(email=email).groups.values_list("name", flat=True))
        for email in PEOPLE
    }
    readers = {CmsRole.REVIEWERS, CmsRole.PROTECTION_REVIEWERS}
    assert roles[EDITOR_EMAIL] == {CmsRole.EDITORS}
    assert roles[REVIEWER_EMAIL] == {*readers, CmsRole.PUBLISHERS}
    assert roles[PROTECTION_EMAIL] == {CmsRole.PROTECTION_REVIEWERS}
    assert set(languages_of(User.objects.get(email=TRANSLATOR_EMAIL)) or ()) == {"fr"}


@pytest.mark.django_db
def test_people_that_an_earlier_version_did_not_know_are_added(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({EDITOR_EMAIL: "kept as it was before"}))
    assert {email: password for _role, email, password in sign_ins()}[EDITOR_EMAIL] == (
        "kept as it was before"
    )
    held = json.loads(file.read_text())
    assert set(held) == set(PEOPLE)
    assert all(entry["secret"] for entry in held.values())


@pytest.mark.django_db
def test_codes_that_are_shown_are_those_that_sign_in(file: Path) -> None:
    ensure_people()
    moment = time.time()
    for email, secret in read_secrets(file).items():
        factor = Authenticator.objects.get(user__email=email)
        assert decrypt(factor.data["secret"]) == secret == read_secret(email)
        assert make_code(secret, moment) == format_hotp_value(hotp_value(secret, int(moment) // 30))
    assert len(set(read_secrets(file).values())) == len(PEOPLE)


@pytest.mark.django_db
def test_factor_of_ones_own_stays_and_gets_no_other_beside_it(file: Path) -> None:
    ensure_people()
    Authenticator.objects.filter(user__email=EDITOR_EMAIL).update(data={"secret": ""})
    ensure_people()
    assert Authenticator.objects.get(user__email=EDITOR_EMAIL).data == {"secret": ""}


@pytest.mark.django_db
def test_command_says_the_code_of_a_rehearsal_only(
    file: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("code", EDITOR_EMAIL)
    assert re.match(r"\d{6}   good for", capsys.readouterr().out)
    settings.REHEARSAL = False
    with pytest.raises(CommandError, match="live"):
        call_command("code", EDITOR_EMAIL)


@pytest.mark.django_db
def test_passwords_that_are_told_are_those_that_sign_in(file: Path) -> None:
    ensure_people()
    for role, email, password in sign_ins():
        assert role
        assert User.objects.get(email=email).check_password(password)
        assert len(password) >= 19


@pytest.mark.parametrize("umask", [0o022, 0o000, 0o077])
def test_only_the_owner_can_read_the_passwords(file: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        sign_ins()
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_passwords_are_drawn_once_and_differ_between_deployments(file: Path) -> None:
    first = sign_ins()
    assert sign_ins() == first
    file.unlink()
    assert sign_ins() != first
    assert len({password for _role, _email, password in first}) == len(PEOPLE)


def test_interrupted_first_run_leaves_no_half_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_halfway(path: Path, text: str) -> int:
        path.write_bytes(text[:10].encode())
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", stop_halfway)
        with pytest.raises(KeyboardInterrupt):
            sign_ins()
    assert not file.exists()
    assert len(sign_ins()) == len(PEOPLE)
    assert json.loads(file.read_text())


@pytest.mark.django_db
def test_changed_password_and_role_stay_changed(file: Path) -> None:
    ensure_people()
    editor = User.objects.get(email=EDITOR_EMAIL)
    editor.set_password("something of my own")
    editor.save()
    ensure_people()
    editor.refresh_from_db()
    assert editor.check_password("something of my own")
    assert Partner.objects.count() == 2
