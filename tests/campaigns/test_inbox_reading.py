"""What is read of a question: no text is settled unread, and none that she wrote to others is shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from campaigns.field import conversation, inbox
from campaigns.models import AuditEntry, Broadcast, Membership, Question, Segment
from campaigns.staff import LEADS
from messaging.models import InboundMessage, Notice, Subscriber
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.questions import ask, hand, list_seen, page_of, press, write

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
State = Question.State
UNREAD = "She has written something that you have not read yet."
SETTLED = {"close": State.CLOSED, "answer": State.ANSWERED}


@pytest.fixture
def lead(team: Team, sign_in: SignIn) -> Client:
    """Return the client of a lead, to whom belongs what no broadcast led to."""
    person = factories.make_user("lead")
    person.groups.add(Group.objects.get_or_create(name=LEADS)[0])
    return sign_in(person)


# ---- Settled by whoever has read it --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form"),
    [("close", {"outcome": "no_answer"}), ("answer", {"text": "From nine on."})],
)
def test_page_of_before_settles_nothing_that_was_written_since(
    lead: Client, name: str, form: dict[str, Any]
) -> None:
    (person,) = factories.subscribe(1)
    write(person, "Is the office open?")
    question = Question.objects.get()
    press(lead, "open", question)
    before = list_seen(page_of(lead, question))
    write(person, "my sister was kidnapped")
    answer = press(lead, name, question, seen=before, **form)
    question.refresh_from_db()
    assert (question.state, question.urgent) == (State.OPEN, True)
    assert not Notice.objects.exists()
    page = answer.content.decode() or page_of(lead, question)
    assert UNREAD in page
    assert "my sister was kidnapped" in page
    assert form.get("text", "") in page
    assert len(list_seen(page)) == 2
    press(lead, name, question, seen=list_seen(page), **form)
    question.refresh_from_db()
    assert question.state == SETTLED[name]


def test_choice_of_the_menu_is_nothing_that_has_to_be_read(lead: Client) -> None:
    (person,) = factories.subscribe(1)
    write(person, "Is the office open?")
    question = Question.objects.get()
    press(lead, "open", question)
    before = list_seen(page_of(lead, question))
    write(person, "1")
    press(lead, "close", question, seen=before, outcome="no_answer")
    assert Question.objects.get().state == State.CLOSED


def test_question_that_nobody_has_opened_cannot_be_closed(lead: Client) -> None:
    question = ask("we are sinking")
    assert "Close it" not in page_of(lead, question)
    press(lead, "close", question, seen=[], outcome="no_answer")
    assert Question.objects.get().state == State.OPEN
    InboundMessage.objects.update(text_sealed=b"")
    assert "Close it" in page_of(lead, question)
    press(lead, "close", question, seen=[], outcome="no_answer")
    assert Question.objects.get().state == State.CLOSED


def test_text_that_comes_while_its_question_is_closed_waits_by_itself(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = factories.subscribe(1)
    write(person, "Is the office open?")
    stale = Question.objects.get()
    # Closed after it was found, and before the text is with it.
    Question.objects.update(state=State.CLOSED, closed_at=factories.now())
    monkeypatch.setattr(inbox, "_find_waiting", lambda *_said: stale)
    write(person, "my sister was kidnapped")
    states = Question.objects.order_by("pk").values_list("state", "urgent")
    assert list(states) == [(State.CLOSED, False), (State.OPEN, True)]


def test_last_texts_are_shown_of_very_many(lead: Client) -> None:
    (person,) = factories.subscribe(1)
    for number in range(22):
        write(person, f"is it open {number:02d}")
    texts = [said.text for said in inbox.read(Question.objects.get())]
    assert (len(texts), texts[0], texts[1], texts[-1]) == (
        20,
        "is it open 00",
        "is it open 03",
        "is it open 21",
    )


# ---- Read by those whom she wrote to -------------------------------------------------------------


@pytest.mark.parametrize("is_closed", [True, False])
def test_partner_reads_nothing_that_she_wrote_to_another(
    team: Team, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, is_closed: bool
) -> None:
    other = factories.make_team("Another")
    (person,) = factories.subscribe(1)
    write_after(monkeypatch, team, person, "Is the office open?")
    question = Question.objects.get()
    client = sign_in(team.scheduler)
    press(client, "open", question)
    if is_closed:
        press(client, "close", question, outcome="no_answer")
    write_after(monkeypatch, other, person, "I am hiding at my aunt's")
    write_after(monkeypatch, other, person, "and nobody knows")
    page = page_of(client, question)
    assert "Is the office open?" in page
    assert "my aunt" not in page
    assert "nobody knows" not in page
    theirs = Question.objects.exclude(pk=question.pk).get()
    assert theirs.partner == other.partner
    assert [said.text for said in inbox.read(theirs)] == [
        "I am hiding at my aunt's",
        "and nobody knows",
    ]


def test_what_follows_another_partners_question_makes_one_of_its_own(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.make_team("Another")
    (person,) = factories.subscribe(1)
    for writes_to, body in ((team, "first"), (other, "second one"), (team, "third time")):
        write_after(monkeypatch, writes_to, person, body)
    questions = Question.objects.order_by("pk")
    assert [one.partner for one in questions] == [team.partner, other.partner, team.partner]
    texts = [[said.text for said in inbox.read(one)] for one in questions]
    assert texts == [["first"], ["second one"], ["third time"]]


@pytest.mark.parametrize("name", ["answer", "close"])
def test_what_she_writes_when_it_is_settled_is_not_read_along(lead: Client, name: str) -> None:
    (person,) = factories.subscribe(1)
    write(person, "Is the office open?")
    question = Question.objects.get()
    press(lead, name, question, text="Yes.", outcome="no_answer")
    # No letter in it, so that it is no question of its own.
    write(person, "22 22")
    question.refresh_from_db()
    assert [said.text for said in inbox.read(question)] == ["Is the office open?"]


def write_after(monkeypatch: pytest.MonkeyPatch, team: Team, person: Subscriber, body: str) -> None:
    """Let somebody write whom this team's broadcast was the last to reach."""
    segment = Segment(routes=["cmed"])
    nudge = Broadcast(partner=team.partner, segment=segment)
    monkeypatch.setattr(conversation, "_find_nudge", lambda _question: nudge)
    write(person, body)


@pytest.mark.parametrize(
    "number",
    [
        "06/12/34/56/78",
        "0471/123456",
        "333/1234567",
        "06,12,34,56,78",
        "77_123_45_67",
        "06\u201312\u201334\u201356\u201378",
        "+216 (0) - 20 . 123 . 456",
        "0\ufe0f\u20e36\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e35",
        "\u0660\u0666 \u0661\u0662 \u0663\u0664 \u0665\u0666 \u0667\u0668",
    ],
)
def test_of_a_number_only_the_end_is_left_however_it_is_written(team: Team, number: str) -> None:
    (said,) = inbox.read(ask(f"call {number} please"))
    digits = [sign for sign in number if sign.isdigit()]
    shown = [sign for sign in said.text if sign.isdigit()]
    assert shown == digits[-2:] or shown == digits[-1:]
    assert said.text.startswith("call \u2022\u2022\u2022")
    assert said.text.endswith(" please")


def test_short_numbers_and_times_are_left_as_they_are(team: Team) -> None:
    (said,) = inbox.read(ask("From 9 to 17:30, line 196, room 12?"))
    assert said.text == "From 9 to 17:30, line 196, room 12?"


# ---- Danger, also where its partner does not look ------------------------------------------------


def test_lead_opens_answers_and_closes_danger_of_any_partner_and_that_is_written_down(
    lead: Client, team: Team
) -> None:
    question = hand(ask("we are sinking"), team.partner)
    calm = hand(ask("When is the office open?"), team.partner)
    assert lead.get(reverse("desk_question", args=[calm.code])).status_code == 404
    assert question.code in lead.get(reverse("desk_inbox")).content.decode()
    press(lead, "open", question)
    assert "we are sinking" in page_of(lead, question)
    opened = AuditEntry.objects.get(kind="question", verb="opened")
    assert (opened.object_code, opened.partner_id) == (question.code, team.partner.pk)
    press(lead, "answer", question, text="Call 196.")
    # She looks after it to its end.
    assert "Close it" in page_of(lead, question)
    press(lead, "close", question, outcome="answered")
    assert Question.objects.get(pk=question.pk).state == State.CLOSED


def test_danger_that_its_partner_has_answered_is_no_longer_for_leads(
    lead: Client, team: Team, sign_in: SignIn
) -> None:
    question = hand(ask("we are sinking"), team.partner)
    client = sign_in(team.scheduler)
    press(client, "open", question)
    press(client, "answer", question, text="Call 196.")
    assert lead.get(reverse("desk_question", args=[question.code])).status_code == 404


def test_questions_of_a_partner_with_nobody_to_answer_are_for_leads(
    lead: Client, team: Team
) -> None:
    question = hand(ask("When is the office open?"), team.partner)
    address = reverse("desk_question", args=[question.code])
    assert lead.get(address).status_code == 404
    User.objects.filter(pk=team.scheduler.pk).update(is_active=False)
    assert lead.get(address).status_code == 404
    answering = [Membership.Role.SCHEDULER, Membership.Role.APPROVER]
    Membership.objects.filter(partner=team.partner, role__in=answering).exclude(
        user=team.scheduler
    ).delete()
    assert lead.get(address).status_code == 200
