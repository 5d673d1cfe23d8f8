"""The inbox: danger is answered at once and read first; who opens a text is noted; one answer goes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from campaigns.field import inbox
from campaigns.models import AuditEntry, PreparedAnswer, Question
from campaigns.staff import LEADS
from messaging.consenting import consent
from messaging.models import InboundMessage, Notice, Sender, Subscriber
from messaging.notifying.notices import BODY_PLACE
from messaging.numbers import make_fiction
from messaging.sealing import crypto
from tests.campaigns import factories
from tests.campaigns.factories import Team, now
from tests.campaigns.questions import (
    SENDER,
    ask,
    hand,
    names_of,
    page_of,
    press,
    write,
    write_from,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
State = Question.State
HONEST = "We cannot rescue anyone. In danger, call the emergency number where you are."
READ = "A person will read what you wrote, perhaps not at once."


@pytest.fixture
def asked(team: Team) -> Question:
    """Return a question to the team's partner."""
    return hand(ask(), team.partner)


def verbs() -> list[str]:
    entries = AuditEntry.objects.filter(kind="question").order_by("number")
    return list(entries.values_list("verb", flat=True))


def body_of(notice: Notice) -> str:
    return crypto.open_sealed(bytes(notice.body_sealed), place=BODY_PLACE, row=notice.uid)


# ---- What comes in -------------------------------------------------------------------------------


def test_question_waits_without_its_text_and_without_a_number(asked: Question) -> None:
    assert (asked.state, asked.urgent, asked.country, asked.language) == ("open", False, "TN", "en")
    assert (asked.routes, asked.topic, asked.written_to) == (["cmed"], "cmed", SENDER)
    held = Question.objects.filter(pk=asked.pk).values()[0]
    assert "office" not in str(held)
    assert str(asked) == f"Question {asked.code}"


@pytest.mark.parametrize("body", ["1", "3", "²", "...", ""])
def test_choice_of_the_menu_and_a_sign_alone_are_no_questions(team: Team, body: str) -> None:
    write(factories.subscribe(1)[0], body)
    assert not Question.objects.exists()


def test_danger_is_answered_at_once_and_stands_first(team: Team) -> None:
    factories.make_contact("K-1", number="1001", kind="hotline_info")
    factories.make_contact("K-2", number="196", kind="emergency_sea")
    calm, afraid = factories.subscribe(2)
    write(calm, "hello there")
    said = write(afraid, "our boat is sinking")
    assert said.splitlines() == [HONEST, "Line K-2: 196", "Line K-1: 1001", READ]
    assert [one.urgent for one in Question.objects.all()] == [True, False]


def test_sos_is_no_mere_request_for_help(team: Team) -> None:
    assert write(factories.subscribe(1)[0], "SOS").splitlines()[0] == HONEST
    assert Question.objects.get().urgent


def test_who_has_not_joined_is_answered_in_danger_but_not_all_day_long(team: Team) -> None:
    number = make_fiction("216", 990_001)
    said = [write_from(number, "we are drowning") for _time in range(5)]
    assert [HONEST in one for one in said] == [True, True, True, False, False]
    assert write_from(make_fiction("216", 990_002), "hello") == ""
    question = Question.objects.first()
    assert question is not None
    assert (question.country, question.partner) == ("TN", None)
    with pytest.raises(inbox.AnswerError, match="never joined"):
        inbox.answer(question, team.scheduler, "We hear you.", seen=names_of(question), now=now())


def test_what_follows_goes_with_what_waits_and_may_make_it_urgent(team: Team) -> None:
    (person,) = factories.subscribe(1)
    write(person, "is the office open?")
    write(person, "nobody answers there")
    assert Question.objects.count() == 1
    write(person, "my sister was kidnapped")
    question = Question.objects.get()
    assert question.urgent
    texts = [said.text for said in inbox.read(question)]
    assert texts == ["is the office open?", "nobody answers there", "my sister was kidnapped"]


def test_replayed_message_asks_once(team: Team) -> None:
    (person,) = factories.subscribe(1)
    write(person, "is it open?")
    kept = InboundMessage.objects.get()
    InboundMessage.objects.filter(pk=kept.pk).update(ref="SM" + "1".zfill(32))
    write(person, "is it open?")
    assert Question.objects.count() == 1


# ---- Who reads -----------------------------------------------------------------------------------


def test_text_is_shown_to_who_opened_it_and_that_is_written_down(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    client = sign_in(team.scheduler)
    assert "office open" not in page_of(client, asked)
    press(client, "open", asked)
    assert "When is the office open?" in page_of(client, asked)
    assert verbs() == ["opened"]
    assert "office open" not in page_of(sign_in(team.approver), asked)
    assert "office" not in client.get(reverse("desk_inbox")).content.decode()


def test_no_number_is_shown_hers_nor_one_in_her_text(team: Team, sign_in: SignIn) -> None:
    question = hand(ask("Call me: +216 20-123 (456) please, at 10 o'clock"), team.partner)
    client = sign_in(team.scheduler)
    press(client, "open", question)
    page = page_of(client, question)
    assert "Call me: •••56) please, at 10 o&#x27;clock" in page
    person = Subscriber.objects.latest("pk")
    number = consent.open_number(person.uid, bytes(person.number_sealed), purpose="sending")
    assert number[-8:] not in page + client.get(reverse("desk_inbox")).content.decode()


def test_only_planners_and_approvers_of_its_partner_see_a_question(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    other = factories.make_team("Another")
    address = reverse("desk_question", args=[asked.code])
    seen = {
        person: sign_in(person).get(address).status_code
        for person in (team.scheduler, team.approver, team.analyst, other.scheduler)
    }
    assert list(seen.values()) == [200, 200, 404, 404]
    for name in ("open", "answer", "close", "reopen"):
        assert press(sign_in(other.approver), name, asked, text="Hi").status_code == 404
    assert asked.code not in sign_in(other.scheduler).get(reverse("desk_inbox")).content.decode()
    analyst = sign_in(team.analyst)
    assert analyst.get(reverse("desk_inbox"))["Location"] == reverse("desk_sessions")
    assert analyst.get(reverse("desk_answers")).status_code == 403
    assert Question.objects.get().state == State.OPEN


def test_what_no_broadcast_led_to_is_for_leads(team: Team, sign_in: SignIn) -> None:
    lead = factories.make_user("lead")
    lead.groups.add(Group.objects.get_or_create(name=LEADS)[0])
    question = ask()
    assert question.partner is None
    address = reverse("desk_question", args=[question.code])
    assert sign_in(team.scheduler).get(address).status_code == 404
    assert sign_in(lead).get(address).status_code == 200


def test_danger_that_waits_is_told_on_the_first_page(team: Team, sign_in: SignIn) -> None:
    question = hand(ask("we are sinking"), team.partner)
    words, first = "1 question that speaks of danger waits", reverse("desk")
    other = factories.make_team("Another")
    assert words in sign_in(team.approver).get(first).content.decode()
    for person in (team.analyst, other.scheduler):
        assert words not in sign_in(person).get(first).content.decode()
    inbox.answer(question, team.scheduler, "Call 196.", seen=names_of(question), now=now())
    assert words not in sign_in(team.approver).get(first).content.decode()


def test_danger_of_whom_no_partner_wrote_to_is_told_to_leads_wherever_they_begin(
    team: Team, sign_in: SignIn
) -> None:
    write_from(make_fiction("216", 990_001), "we are drowning")
    words, first = "1 question that speaks of danger waits", reverse("desk")
    across, within = factories.make_user("across"), team.analyst
    for lead in (across, within):
        assert words not in sign_in(lead).get(first, follow=True).content.decode()
        lead.groups.add(Group.objects.get_or_create(name=LEADS)[0])
        assert words in sign_in(lead).get(first, follow=True).content.decode()


# ---- Answering -----------------------------------------------------------------------------------


def test_answer_goes_out_once_from_the_number_she_wrote_to(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    client = sign_in(team.scheduler)
    for _time in range(2):
        press(client, "answer", asked, text="At nine, from Monday to Friday.")
    notice = Notice.objects.get()
    assert (notice.kind, notice.channel, notice.template_ref) == ("answer", "sms", "")
    assert notice.sender is not None
    assert notice.sender.address == SENDER
    assert body_of(notice) == "At nine, from Monday to Friday."
    asked.refresh_from_db()
    assert (asked.state, asked.taken_by) == (State.ANSWERED, team.scheduler)
    assert verbs() == ["answered"]
    assert "Nothing was sent twice" in page_of(client, asked)


def test_prepared_answer_goes_as_it_stands_and_own_words_go_first(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    prepared = PreparedAnswer.objects.create(title="Hours", language="en", text="At nine.")
    client = sign_in(team.scheduler)
    press(client, "answer", asked, prepared=prepared.pk)
    assert body_of(Notice.objects.get()) == "At nine."
    second = hand(ask("and on Sundays?"), team.partner)
    press(client, "answer", second, prepared=prepared.pk, text="Never on Sundays.")
    assert body_of(Notice.objects.latest("pk")) == "Never on Sundays."


def test_prepared_answers_in_her_language_stand_first(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    for language in ("ar", "en", "fr"):
        PreparedAnswer.objects.create(title="Hours", language=language, text=f"In {language}.")
    PreparedAnswer.objects.create(title="Old", language="en", text="Gone.", is_active=False)
    client = sign_in(team.scheduler)
    press(client, "open", asked)
    page = page_of(client, asked)
    assert page.index("In en.") < page.index("In ar.") < page.index("In fr.")
    assert "Gone." not in page


@pytest.mark.parametrize("form", [{}, {"text": "  "}, {"text": "x" * 700}, {"prepared": 999_999}])
def test_answer_that_cannot_go_is_refused_and_kept(
    asked: Question, team: Team, sign_in: SignIn, form: dict[str, Any]
) -> None:
    client = sign_in(team.scheduler)
    press(client, "open", asked)
    answer = press(client, "answer", asked, **form)
    assert answer.status_code == 422
    assert str(form.get("text", "")) in answer.content.decode()
    assert not Notice.objects.exists()


def test_prepared_answer_of_another_partner_cannot_be_sent(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    other = factories.make_team("Another")
    theirs = PreparedAnswer.objects.create(
        partner=other.partner, title="Hours", language="en", text="Theirs."
    )
    client = sign_in(team.scheduler)
    assert press(client, "answer", asked, prepared=theirs.pk).status_code == 422
    assert not Notice.objects.exists()


def test_whatsapp_answers_inside_the_window_only(team: Team) -> None:
    Sender.objects.filter(channel="whatsapp").update(address=SENDER)
    question = hand(ask(channel="whatsapp"), team.partner)
    late = now() + timedelta(hours=25)
    with pytest.raises(inbox.AnswerError, match="a day after"):
        inbox.answer(question, team.scheduler, "Too late.", seen=names_of(question), now=late)
    assert Question.objects.get().state == State.OPEN
    inbox.answer(question, team.scheduler, "In time.", seen=names_of(question), now=now())
    notice = Notice.objects.get()
    assert (notice.channel, notice.template_ref, body_of(notice)) == ("whatsapp", "", "In time.")
    assert notice.expires_at <= now() + timedelta(hours=24)


def test_whatsapp_answers_from_the_number_she_wrote_to_or_not_at_all(team: Team) -> None:
    question = hand(ask(channel="whatsapp"), team.partner)
    Sender.objects.filter(channel="whatsapp").update(address="+9990000009")
    with pytest.raises(inbox.AnswerError, match="switched off"):
        inbox.answer(question, team.scheduler, "Hello.", seen=names_of(question), now=now())
    assert not Notice.objects.exists()


def test_who_said_stop_gets_no_answer_not_even_one_that_waits(team: Team) -> None:
    (person,) = factories.subscribe(1)
    write(person, "is it open?")
    question = hand(Question.objects.get(), team.partner)
    inbox.answer(question, team.scheduler, "Yes.", seen=names_of(question), now=now())
    write(person, "STOP")
    assert Notice.objects.get().state == Notice.State.EXPIRED
    write(person, "and tomorrow?")
    Question.objects.update(state=State.OPEN)
    with pytest.raises(inbox.AnswerError, match="left"):
        inbox.answer(question, team.scheduler, "Yes.", seen=names_of(question), now=now())


# ---- Closing -------------------------------------------------------------------------------------


def test_question_is_closed_once_with_how_it_ended(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    client = sign_in(team.scheduler)
    press(client, "close", asked, outcome="lapsed")
    assert Question.objects.get().state == State.OPEN
    press(client, "close", asked, outcome="referred")
    press(client, "close", asked, outcome="no_answer")
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == (State.CLOSED, "referred")
    assert verbs() == ["closed"]
    assert press(client, "answer", asked, text="Hello").status_code == 302
    assert not Notice.objects.exists()


@pytest.mark.parametrize("is_answered", [False, True])
def test_closed_question_is_opened_again_as_it_was(
    asked: Question, team: Team, sign_in: SignIn, is_answered: bool
) -> None:
    client = sign_in(team.scheduler)
    if is_answered:
        press(client, "answer", asked, text="At nine.")
    press(client, "close", asked, outcome="referred")
    assert "Open it again" in page_of(client, asked)
    pages = [
        client.post(reverse("desk_question_reopen", args=[asked.code]), follow=True)
        for _time in range(2)
    ]
    assert "It is open already." in pages[1].content.decode()
    assert "Open it again" not in pages[1].content.decode()
    asked.refresh_from_db()
    was = State.ANSWERED if is_answered else State.OPEN
    assert (asked.state, asked.outcome, asked.closed_at) == (was, "", None)
    assert verbs()[-2:] == ["closed", "reopened"]
    assert verbs().count("reopened") == 1


def test_question_whose_text_is_erased_stays_closed_and_says_so(
    asked: Question, team: Team, sign_in: SignIn
) -> None:
    client = sign_in(team.scheduler)
    press(client, "close", asked, outcome="referred")
    InboundMessage.objects.update(text_sealed=b"")
    said = "Her text is not kept any more, so it stays closed."
    page = page_of(client, asked)
    assert said in page
    assert "Open it again" not in page
    answer = client.post(reverse("desk_question_reopen", args=[asked.code]))
    asked.refresh_from_db()
    assert answer.status_code == 302
    assert (asked.state, asked.outcome) == (State.CLOSED, "referred")
    assert verbs() == ["closed"]


def test_what_was_erased_closes_by_itself_and_goes_later(asked: Question, team: Team) -> None:
    lapsed, old = inbox.RULES
    assert not lapsed.find(now()).exists()
    InboundMessage.objects.update(text_sealed=b"", subscriber=None)
    assert inbox.read(asked) == []
    assert lapsed.settle(list(lapsed.find(now()).values_list("pk", flat=True)), now()) == 1
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == (State.CLOSED, "lapsed")
    assert not old.find(now() - timedelta(days=90)).exists()
    assert old.find(now() + timedelta(seconds=1)).count() == 1


# ---- Prepared answers ----------------------------------------------------------------------------


def test_prepared_answers_are_kept_by_their_own_partner(team: Team, sign_in: SignIn) -> None:
    client, other = sign_in(team.approver), factories.make_team("Another")
    form = {
        "partner": team.partner.pk, "title": "Hours", "language": "fr", "text": "À neuf heures.",
        "is_active": "on",
    }  # fmt: skip
    assert client.post(reverse("desk_answer_new"), form).status_code == 302
    kept = PreparedAnswer.objects.get()
    assert (kept.partner, kept.language) == (team.partner, "fr")
    assert AuditEntry.objects.get(kind="answer").verb == "added"
    assert client.post(reverse("desk_answer_new"), form).status_code == 422
    theirs = sign_in(other.scheduler)
    assert theirs.get(reverse("desk_answer", args=[kept.pk])).status_code == 404
    assert "neuf" not in theirs.get(reverse("desk_answers")).content.decode()
    assert theirs.post(reverse("desk_answer_new"), form).status_code == 422
    form["partner"] = ""
    assert client.post(reverse("desk_answer_new"), form).status_code == 422
    assert sign_in(team.analyst).get(reverse("desk_answers")).status_code == 403
