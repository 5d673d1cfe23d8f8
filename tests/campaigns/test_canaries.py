"""Numbers that people typed, wrote, told a helper or stand on a list are nowhere to be read: not in the
database, as a dump of it has it, not in the broker, not in a log, not on any page of the desk.
"""

import json
import logging
import subprocess
import uuid
from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.field import importing
from campaigns.models import SheetImport
from campaigns.staff import ensure_staff_groups
from config.celery import TICKS, app
from messaging.joining import signups
from messaging.models import ConsentEntry, Notice, SheetRow, SignUp, Suppression
from messaging.notifying import notices
from messaging.numbers import make_fiction
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.listing import bring, make_list, prepare_country
from tests.campaigns.reading_site import make_site, open_country, reader, typed
from tests.campaigns.test_assisting import shut
from tests.campaigns.walking import list_addresses, read_all
from tests.harness import services
from tests.messaging.factories import make_subscriber

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

FIRST = 5_718_201
TYPED = [make_fiction("221", serial) for serial in range(FIRST, FIRST + 6)]
LISTED = [make_fiction("216", serial) for serial in range(FIRST, FIRST + 40)]
HELPED = [make_fiction("221", serial) for serial in range(FIRST + 60, FIRST + 64)]
CLOSED = make_fiction("218", FIRST + 70)
# Without "+", and the end of each, which no other figure has; and as a dump writes bytes.
PLAIN = [
    form for number in (*TYPED, *LISTED, *HELPED, CLOSED) for form in (number[1:], number[-7:])
]
SECRETS = [*PLAIN, *(form.encode().hex() for form in PLAIN)]


def find_secrets(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def type_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Join and stop on the web with each number, with what fails among it."""
    client = reader(raise_request_exception=False)
    for number in TYPED:
        client.post("/en/join/", typed(number=number))
        client.post("/en/join/code/", {"number": number, "code": "000000"})
    client.post("/en/join/", typed(number=f"={TYPED[0]}"))
    client.get(f"/en/{TYPED[1]}/")
    make_subscriber(number=TYPED[4])
    client.post("/en/stop/", {"number": TYPED[4]})
    client.post("/en/stop/", {"number": f"{TYPED[5]}x"})

    def fail(request: signups.Request, **_: Any) -> None:
        raise RuntimeError(f"nobody can take {request.number}")

    with monkeypatch.context() as patched:
        patched.setattr(signups, "begin", fail)
        assert client.post("/en/join/", typed(number=TYPED[2])).status_code == 500


def help_people(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Send in what a helper's phone kept shut, with what fails among it; return what it is told."""

    def send(number: str, **changes: Any) -> Any:
        uid = uuid.uuid4()
        body = {"uid": uid.hex, "box": shut(uid, number=number, **changes), "age": 1000}
        return client.post("/desk/assist/send/", json.dumps(body), content_type="application/json")

    def fail(request: signups.Request, **_: Any) -> None:
        raise RuntimeError(f"nobody can take {request.number}")

    answers = [send(HELPED[0]), send(HELPED[1], urgent="urgent-1.ar")]
    assert [answer.json() for answer in answers] == [{"state": "taken"}] * 2
    refused = [send(f"{HELPED[2]}x"), send(CLOSED), send(HELPED[2], wording=HELPED[2])]
    assert {answer.status_code for answer in refused} == {422}
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(signups, "begin", fail)
        answers.append(send(HELPED[3]))
    assert answers[-1].status_code == 500
    return [read_all(answer) for answer in (*answers, *refused)]


def bring_lists(team: Team) -> None:
    """Bring one list that is taken and one that nobody can read."""
    sheet = bring(team, make_list(team.partner, len(LISTED), first=FIRST))
    importing.ask(sheet, team.scheduler, now=factories.now())
    importing.approve(sheet, team.approver, now=factories.now())
    importing.carry_on(clock=timezone.now, seconds=5)
    bring(team, make_list(team.partner, 3, first=FIRST + 10) + b"\n")


def dump_database() -> str:
    """Return everything that a backup would hold."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return "\n".join(connection.connection.iterdump())
    held = connection.settings_dict
    binaries = services.find_postgres()
    assert binaries
    command = [str(binaries / "pg_dump"), "-h", held["HOST"], "-p", str(held["PORT"]),
               "-U", held["USER"], held["NAME"]]  # fmt: skip
    environment = {"PGPASSWORD": held["PASSWORD"]}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def read_desk(client: Client) -> list[str]:
    """Return every page of the desk that staff and partners may see."""
    plain = [one.fill() for one in list_addresses() if not one.has_object]
    sheets = [reverse("desk_import", args=[one.code]) for one in SheetImport.objects.all()]
    answers = [client.get(path) for path in (*plain, *sheets)]
    pages = [read_all(answer) for answer in answers if answer.status_code == 200]
    assert len(pages) > 25
    return pages


@pytest.fixture
def every_line() -> Iterator[list[str]]:
    """Catch every line of every logger as it was written, before any filter tidies it."""
    lines: list[str] = []

    class Catcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, ours = Catcher(logging.DEBUG), logging.getLogger("waymark")
    ours.addHandler(handler)
    yield lines
    ours.removeHandler(handler)


@pytest.fixture
def staff(team: Team, sign_in: Callable[[User], Client]) -> Client:
    """Return the browser of somebody who may see everything there is at the desk."""
    team.approver.groups.add(*ensure_staff_groups().values())
    return sign_in(team.approver)


def test_what_people_typed_and_what_lists_held_is_nowhere_to_be_read(
    team: Team,
    staff: Client,
    sign_in: Callable[[User], Client],
    every_line: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    make_site()
    prepare_country()
    open_country("SN")
    type_everything(monkeypatch)
    bring_lists(team)
    told = help_people(sign_in(team.scheduler), monkeypatch)
    notices.send_due(clock=timezone.now, seconds=2)
    call_command("retain", dry_run=True)
    shown = read_desk(staff)
    # All of it happened, or what follows proves nothing.
    assert SignUp.objects.count() > len(TYPED) - 3
    assert SignUp.objects.filter(method=ConsentEntry.Method.ASSISTED).count() == 2
    assert SheetRow.objects.filter(used_at__isnull=False).exists()
    assert Notice.objects.exists()
    assert ConsentEntry.objects.exists()
    assert Suppression.objects.exists()
    assert find_secrets(TYPED[0])

    assert not find_secrets(dump_database())
    assert not find_secrets("".join((*shown, *told)))
    assert not find_secrets("".join(every_line))
    printed = capfd.readouterr()
    assert not find_secrets(printed.out + printed.err)


def test_number_that_was_never_sealed_would_be_seen_in_a_dump() -> None:
    Suppression.objects.create(
        number_hash=TYPED[0].encode(), source=ConsentEntry.Method.LAPSE, at=timezone.now()
    )
    assert find_secrets(dump_database())


def test_nothing_goes_by_the_broker_but_the_names_of_ticks() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}

    assert set(TICKS) <= set(ours)
    assert [name for name, task in ours.items() if signature(task.run).parameters] == []
