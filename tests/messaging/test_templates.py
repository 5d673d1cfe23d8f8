"""Templates: each wording is submitted once, asked about by the hour, and heeded when it is taken back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.models import Alarm, Batch, BatchText, Sender, Template
from messaging.notifying import templates
from messaging.notifying.templates import Draft, TemplateError, check_gaps, submit
from messaging.senders.roster import NoSenderError
from messaging.wire import NotAccepted, Unclear
from tests.messaging.factories import TEXTS, make_batch, make_sender, make_subscriber
from tests.messaging.office import Office

pytestmark = [pytest.mark.django_db]
State = Template.State
HOUR = timedelta(hours=1)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return the provider that every wording goes to."""
    office = Office()
    monkeypatch.setattr(templates, "provider_named", lambda _name: office)
    make_sender("whatsapp")
    return office


def ensure(body: str = "Bonjour.", *, now: datetime | None = None, **more: Any) -> Template:
    given: dict[str, Any] = {"name": "msg_gen_1", "language": "fr", "category": "utility"}
    return submit(Draft(body=body, **(given | more)), now=now or timezone.now())


def alarms() -> list[int]:
    kind = Alarm.Kind.TEMPLATES
    return list(Alarm.objects.filter(kind=kind).values_list("times", flat=True))


# ---- Submitted once ------------------------------------------------------------------------------


def test_a_new_wording_is_submitted_and_its_answer_kept(office: Office) -> None:
    template = ensure()
    assert template.state == State.APPROVED
    assert template.ref
    assert template.checked_at is not None
    assert office.submitted == [(f"msg_gen_1_{template.digest[:8]}", "fr", "UTILITY")]


def test_an_approved_wording_is_neither_submitted_nor_asked_about_again(office: Office) -> None:
    first, again = ensure(), ensure()
    assert first.pk == again.pk
    assert (len(office.submitted), office.asked) == (1, 1)


def test_another_text_language_or_category_is_a_wording_of_its_own(office: Office) -> None:
    ensure()
    ensure("Bonsoir.")
    ensure(category="marketing")
    ensure(language="en")
    assert Template.objects.count() == 4
    # A name that was refused cannot be used again, and the text may be the same.
    assert len({name for name, language, _category in office.submitted if language == "fr"}) == 3


@pytest.mark.parametrize("word", ["pending", "received", "in_appeal", "", "a word nobody knows"])
def test_a_wording_that_waits_is_asked_about_again_but_not_submitted(
    office: Office, word: str
) -> None:
    office.word = word
    assert ensure().state == State.PENDING
    office.word = "rejected"
    assert ensure().state == State.REJECTED
    assert (len(office.submitted), office.asked) == (1, 2)


def test_a_refused_wording_keeps_its_reason_and_is_never_submitted_again(office: Office) -> None:
    office.word, office.reason = "REJECTED", "INVALID_FORMAT"
    ensure()
    office.word = "approved"
    template = ensure(now=timezone.now() + timedelta(days=9))
    assert (template.state, template.reason) == (State.REJECTED, "INVALID_FORMAT")
    assert len(office.submitted) == 1
    assert ensure("Bonjour à toutes.").state == State.APPROVED


@pytest.mark.parametrize("error", [Unclear("no_answer"), NotAccepted("no_connection")])
def test_a_provider_that_cannot_be_asked_is_named_without_the_wording(
    office: Office, error: Any
) -> None:
    office.error = error
    with pytest.raises(TemplateError) as caught:
        ensure()
    assert "Bonjour" not in str(caught.value)
    office.error = None
    assert ensure().state == State.APPROVED


def test_two_first_submissions_at_the_same_moment_reach_the_provider_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    register = office.register_template

    def register_while_another_asks(**given: str) -> str:
        if not said:
            with pytest.raises(TemplateError) as caught:
                ensure()
            said.append(str(caught.value))
        return register(**given)

    monkeypatch.setattr(office, "register_template", register_while_another_asks)
    assert ensure().state == State.APPROVED
    assert len(office.submitted) == 1
    assert "provider_busy" in said[0]
    assert ensure().state == State.APPROVED


def test_a_wording_whose_submission_was_cut_off_is_submitted_again_after_a_minute(
    office: Office,
) -> None:
    now = timezone.now()
    ensure(now=now)
    Template.objects.update(ref="", state=State.PENDING)
    with pytest.raises(TemplateError):
        ensure(now=now + timedelta(seconds=59))
    assert ensure(now=now + timedelta(seconds=60)).state == State.APPROVED
    assert len(office.submitted) == 2


def test_a_provider_that_is_not_set_up_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> Office:
        raise LookupError(f"{name} names no region")

    monkeypatch.setattr(templates, "provider_named", fail)
    with pytest.raises(TemplateError, match="no region"):
        ensure()


def test_without_a_whatsapp_sender_there_is_no_template() -> None:
    with pytest.raises(NoSenderError):
        ensure()


# ---- Variables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "gaps"),
    [
        ("No variable.", 0),
        ("Your code is {{1}} today.", 1),
        ("{{1}} is one, {{2}} is two of them.", 2),
        ("{{1}} and again {{1}} or so.", 1),
    ],
)
def test_variables_in_a_row_are_taken(body: str, gaps: int) -> None:
    check_gaps(Draft("name", "en", "utility", body, gaps))


@pytest.mark.parametrize(
    ("body", "gaps"),
    [
        ("A code {{1}} that nobody fills.", 0),
        ("No variable, though one is filled.", 1),
        ("It begins with {{2}} of all things.", 1),
        ("It leaves out {{1}} and then {{3}} of them.", 2),
        ("It has a {{name}} for a number.", 1),
        ("It has {{ 1 }} with spaces around.", 1),
        ("Too few: {{1}}", 1),
        ("One {{1}} two {{2}} three four", 2),
        (" ".join(f"a b c {{{{{number}}}}}" for number in range(1, 102)), 101),
    ],
)
def test_gaps_strangers_and_too_few_words_are_refused(office: Office, body: str, gaps: int) -> None:
    with pytest.raises(TemplateError):
        ensure(body, gaps=gaps)
    assert not office.submitted
    assert not Template.objects.exists()


# ---- Asked about by the hour ---------------------------------------------------------------------


def test_what_waits_is_asked_about_every_five_minutes_and_the_rest_by_the_hour(
    office: Office,
) -> None:
    now = timezone.now()
    ensure(now=now)
    office.word = "pending"
    ensure("Bonsoir.", now=now)
    asked = [
        templates.poll(now=now + timedelta(minutes=minutes), seconds=9) for minutes in (4, 5, 59)
    ]
    assert asked == [0, 1, 1]
    # All of them have had their hour by then.
    assert templates.poll(now=now + 2 * HOUR, seconds=9) == 2


def test_what_was_refused_is_asked_about_no_more(office: Office) -> None:
    office.word = "rejected"
    ensure()
    assert templates.poll(now=timezone.now() + 9 * HOUR, seconds=9, early=True) == 0


def test_somebody_may_ask_early(office: Office) -> None:
    now = timezone.now()
    ensure(now=now)
    assert templates.poll(now=now + timedelta(minutes=1), seconds=9) == 0
    assert templates.poll(now=now + timedelta(minutes=1), seconds=9, early=True) == 1


def test_poll_gives_up_where_nobody_answers_and_keeps_what_is_known(office: Office) -> None:
    for number in range(5):
        ensure(f"Bonjour {number}.")
    office.asked, office.error = 0, Unclear("no_answer")
    assert templates.poll(now=timezone.now() + 2 * HOUR, seconds=9) == 0
    assert office.asked == 3
    assert set(Template.objects.values_list("state", flat=True)) == {State.APPROVED}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PAUSED", State.PAUSED),
        ("disabled", State.DISABLED),
        ("deleted", State.DISABLED),
        ("reinstated", State.APPROVED),
        ("unsubmitted", State.PENDING),
    ],
)
def test_what_whatsapp_says_later_is_heeded(office: Office, word: str, state: str) -> None:
    template = ensure()
    office.word, office.reason = word, "quality"
    templates.refresh([template.ref, ""], now=timezone.now() + HOUR)
    template.refresh_from_db()
    assert template.state == state
    assert template.reason == ("" if state == State.APPROVED else "quality")
    unsendable = templates.find_unsendable([template.ref])
    assert bool(unsendable) == (state != State.APPROVED)


# ---- What hangs on it ----------------------------------------------------------------------------


def run_with(template: Template, reference: str) -> Batch:
    """Return a running batch that is pushed with a template."""
    batch = make_batch(reference)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.RUNNING)
    BatchText.objects.filter(batch=batch, channel="whatsapp", language="fr").update(
        template_ref=template.ref
    )
    return batch


@pytest.mark.database
@pytest.mark.parametrize("word", ["paused", "disabled", "rejected"])
def test_broadcast_that_runs_with_it_pauses_itself_and_an_alarm_says_so(
    office: Office, word: str
) -> None:
    template, other = ensure(), ensure("Bonsoir.")
    mine, others = run_with(template, "broadcast:1"), run_with(other, "broadcast:2")
    Template.objects.filter(pk=other.pk).update(checked_at=timezone.now() + 9 * HOUR)
    office.word = word
    for hours in (2, 3):
        templates.poll(now=timezone.now() + hours * HOUR, seconds=9)
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.state, mine.paused_reason) == (Batch.State.PAUSED, templates.PAUSED_REASON)
    assert others.state == Batch.State.RUNNING
    assert alarms() == [1]  # once, however often it is heard
    if word == "paused":
        # Approved again, it goes on when a person says so.
        office.word = "approved"
        templates.poll(now=timezone.now() + 9 * HOUR, seconds=9)
        mine.refresh_from_db()
        assert mine.state == Batch.State.PAUSED


def test_category_that_whatsapp_changes_is_kept_and_told(office: Office) -> None:
    template = ensure()
    assert template.billed_as == "utility"
    office.category = "UTILITY"
    templates.refresh([template.ref], now=timezone.now() + HOUR)
    assert alarms() == []
    office.category = "MARKETING"
    for hours in (2, 3):
        templates.refresh([template.ref], now=timezone.now() + hours * HOUR)
    template.refresh_from_db()
    assert (template.category, template.billed_as) == ("utility", "marketing")
    assert alarms() == [1]


@pytest.mark.database
def test_batch_is_served_by_the_provider_that_knows_its_wordings(office: Office) -> None:
    template = ensure()
    Sender.objects.create(
        name="Nearer", channel="whatsapp", provider="elsewhere", address="+9990000003", priority=-9
    )
    make_subscriber(channel="whatsapp")
    texts = [replace(text, template_ref=template.ref) for text in TEXTS]
    batch = make_batch(texts=tuple(texts))
    assert batch.lanes.get(channel="whatsapp").sender == template.sender
    # Without any wording to know, the nearer one would be taken.
    assert make_batch("broadcast:2").lanes.get(channel="whatsapp").sender.name == "Nearer"
