"""Every address of lists and of safety, by everybody: generated, so that a new one is asked about too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import JoinWord, SheetImport
from campaigns.staff import LEADS, OFFICERS
from campaigns.urls import urlpatterns
from messaging.models import Alarm, Clearance, ProviderCode, Sender
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.listing import bring

SignIn = Callable[[User], Client]
PREFIXES = ("imports/", "safety/")
NAMES = sorted(str(one.name) for one in urlpatterns if str(one.pattern).startswith(PREFIXES))
# Of a list: who may see it may look; these are pressed, and by whom.
PRESSED = {
    "desk_import_ask": "scheduler",
    "desk_import_discard": "scheduler",
    "desk_import_approve": "approver",
    "desk_import_refuse": "approver",
}
LISTS = {"desk_import", *PRESSED}
PARTNERS = {"desk_imports", "desk_import_new", "desk_sheet", *LISTS}
# Of safety: pages for all staff, pages and buttons for one group of it.
FOR_STAFF = {
    "desk_safety",
    "desk_retention",
    "desk_countries",
    "desk_country",
    "desk_words",
    "desk_templates",
    "desk_codes",
    "desk_keys",
    "desk_senders",
    "desk_sender",
    "desk_unknown",
}
FOR_LEADS = {
    "desk_prices",
    "desk_word_new",
    "desk_word",
    "desk_code_new",
    "desk_code",
    "desk_sender_new",
    "desk_sender_change",
}
UNKNOWN_PRESS = {"desk_unknown_again", "desk_unknown_leave"}
SENDERS_PRESS = {"desk_sender_halt", "desk_sender_go", "desk_sender_place"}
# A desk administrator presses these too.
PRICES_PRESS = {"desk_price_save", "desk_price_remove"}
LEADS_PRESS = {
    "desk_templates_submit",
    "desk_templates_ask",
    "desk_word_switch",
    "desk_go_on",
    *PRICES_PRESS,
    *SENDERS_PRESS,
    *UNKNOWN_PRESS,
}
OFFICERS_PRESS = {
    "desk_retention_run",
    "desk_country_papers",
    "desk_country_open",
    "desk_country_close",
}
STAFF_PRESS = {"desk_alarm_close", "desk_stop_all"}
BUTTONS = {*PRESSED, *LEADS_PRESS, *OFFICERS_PRESS, *STAFF_PRESS}
# What a button cannot do without.
GIVEN = {
    "desk_sender_place": {"country": "TN", "state": "active"},
    "desk_price_save": {
        "whose": "any-sms",
        "country": "TN",
        "amount": "0.05",
        "currency": "USD",
        "valid_from": "2026-11-01",
        "source": "A contract",
    },
}


@dataclass(frozen=True)
class Desk:
    """A partner's desk with one of everything on it, and two members of staff."""

    team: Team
    other: Team
    lead: User
    officer: User
    arguments: dict[str, list[Any]]

    def address(self, name: str) -> str:
        return reverse(name, args=self.arguments.get(name, []))


@pytest.fixture
def desk(team: Team) -> Desk:
    sheet = bring(team)
    word = JoinWord.objects.create(word="NEWS", folded="news", country="TN", routes=["cmed"])
    alarm = Alarm.objects.create(
        kind="many_stops", opened_at=timezone.now(), last_at=timezone.now()
    )
    arguments: dict[str, list[Any]] = {name: [sheet.code] for name in LISTS}
    arguments |= {"desk_sheet": [team.partner.pk, "csv"], "desk_alarm_close": [alarm.pk]}
    for name in ("desk_country", *sorted(OFFICERS_PRESS - {"desk_retention_run"})):
        arguments[name] = ["TN"]
    arguments |= {"desk_word": [word.pk], "desk_word_switch": [word.pk]}
    arguments["desk_code"] = [ProviderCode.objects.earliest("pk").pk]
    sender = Sender.objects.order_by("pk")[0]
    for name in ("desk_sender", "desk_sender_change", *sorted(SENDERS_PRESS)):
        arguments[name] = [sender.pk]
    arguments["desk_price_remove"] = [factories.make_price("SN").pk]
    broadcast = factories.make_broadcast(team)
    arguments |= {name: [broadcast.code] for name in UNKNOWN_PRESS}
    return Desk(
        team=team,
        other=factories.make_team("Another"),
        lead=_make_staff(LEADS),
        officer=_make_staff(OFFICERS),
        arguments=arguments,
    )


def _make_staff(name: str) -> User:
    user = factories.make_user("staff")
    user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def knock(client: Client, desk: Desk, name: str) -> int:
    """Open a page, or press a button, and return the answer's status."""
    path = desk.address(name)
    if name in BUTTONS:
        return client.post(path, GIVEN.get(name, {})).status_code
    return client.get(path).status_code


def test_every_address_is_known_to_these_tests() -> None:
    known = [PARTNERS, FOR_STAFF, FOR_LEADS, LEADS_PRESS, OFFICERS_PRESS, STAFF_PRESS]
    assert sorted(name for group in known for name in group) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_nobody_enters_without_signing_in(desk: Desk, client: Client, name: str) -> None:
    answer = client.post(desk.address(name)) if name in BUTTONS else client.get(desk.address(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", sorted({*LISTS, "desk_sheet"}))
def test_another_partner_finds_nothing(desk: Desk, sign_in: SignIn, name: str) -> None:
    for person in (desk.other.scheduler, desk.other.approver, desk.other.analyst, desk.lead):
        assert knock(sign_in(person), desk, name) == 404
    assert SheetImport.objects.get().state == SheetImport.State.CHECKED


@pytest.mark.parametrize("name", sorted(PRESSED))
def test_only_the_right_role_presses_a_button_of_a_list(
    desk: Desk, sign_in: SignIn, name: str
) -> None:
    for role in ("scheduler", "approver", "analyst"):
        expected = 302 if role == PRESSED[name] else 403
        assert knock(sign_in(getattr(desk.team, role)), desk, name) == expected


def test_everybody_of_a_partner_looks_and_only_planners_bring(desk: Desk, sign_in: SignIn) -> None:
    for role in ("scheduler", "approver", "analyst"):
        client, plans = sign_in(getattr(desk.team, role)), role == "scheduler"
        assert knock(client, desk, "desk_imports") == 200
        assert knock(client, desk, "desk_import") == 200
        assert knock(client, desk, "desk_import_new") == (200 if plans else 403)
        assert knock(client, desk, "desk_sheet") == (200 if plans else 404)


def test_list_of_another_partner_is_not_listed(desk: Desk, sign_in: SignIn) -> None:
    code = SheetImport.objects.get().code
    for person, seen in ((desk.team.analyst, True), (desk.other.scheduler, False)):
        page = sign_in(person).get(reverse("desk_imports")).content.decode()
        assert (code in page) == seen


@pytest.mark.parametrize("name", sorted(set(NAMES) - PARTNERS))
def test_safety_is_for_its_own_staff(desk: Desk, sign_in: SignIn, name: str) -> None:
    for person in (desk.team.scheduler, desk.team.approver, desk.other.analyst):
        assert knock(sign_in(person), desk, name) == 403
    welcome = 302 if name in BUTTONS else 200
    lead = 403 if name in OFFICERS_PRESS else welcome
    officer = 403 if name in FOR_LEADS | LEADS_PRESS else welcome
    assert knock(sign_in(desk.lead), desk, name) == lead
    assert knock(sign_in(desk.officer), desk, name) == officer


@pytest.mark.parametrize("name", sorted(BUTTONS))
def test_looking_at_a_button_changes_nothing(desk: Desk, sign_in: SignIn, name: str) -> None:
    before = list(Clearance.objects.values()), list(JoinWord.objects.values())
    for person in (desk.team.scheduler, desk.team.approver, desk.lead, desk.officer):
        assert sign_in(person).get(desk.address(name)).status_code in {403, 405}
    assert (list(Clearance.objects.values()), list(JoinWord.objects.values())) == before


def test_buttons_need_the_csrf_token(desk: Desk) -> None:
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    for person in (desk.team.scheduler, desk.team.approver, desk.lead, desk.officer):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person, backend=backend)
        for name in sorted({*BUTTONS, *FOR_LEADS, "desk_import_new"}):
            assert client.post(desk.address(name)).status_code == 403, name


def test_pages_keep_to_the_strict_policy(desk: Desk, sign_in: SignIn) -> None:
    pages = sorted(set(NAMES) - BUTTONS - {"desk_sheet"})
    for person in (desk.team.scheduler, desk.lead, desk.officer):
        client = sign_in(person)
        for name in pages:
            answer = client.get(desk.address(name))
            page = answer.content.decode()
            assert "unsafe" not in answer["Content-Security-Policy"]
            assert not [sign for sign in (" style=", " onclick=", "<style") if sign in page]


def test_staff_without_a_partner_come_to_their_pages(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(desk.officer)
    assert client.get("/desk/")["Location"] == reverse("desk_safety")
    page = client.get(reverse("desk_safety")).content.decode()
    assert reverse("desk_safety") in page
    assert reverse("desk_safety") not in sign_in(desk.team.scheduler).get("/desk/").content.decode()
