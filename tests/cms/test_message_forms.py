"""The form of a message: a draft is always saved, the linter holds what is sent on."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from cms.linting import TEXT_FIELDS, lint
from cms.linting.gate import NotSubmittable, check_submittable, give_reason, reasons_for
from cms.linting.reading import read_draft
from cms.models import Act, ContactPoint, ListedWord, MessagePage, Review, TemplateState, WordKind
from tests.cms.finding import find_message
from tests.cms.typing import read_form, send_form

pytestmark = pytest.mark.usefixtures("starter")
WARNED = "template_unapproved"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def person() -> Any:
    return get_user_model().objects.create_superuser("chief", "chief@example.org", "-")


@pytest.fixture
def desk(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("cms.message_forms.timezone.localdate", lambda *_args: today)


@pytest.fixture
def nudge() -> MessagePage:
    """Return the starter's only message that rests on nothing, so that one warning is all it has."""
    return find_message("MSG-GEN-1")


def latest(page: MessagePage) -> MessagePage:
    found: MessagePage = MessagePage.objects.get(pk=page.pk).get_latest_revision_as_object()
    return found


def reason_box(answer: Any, rule: str) -> str:
    (name,) = set(re.findall(rf'name="(reason-{rule}-\w+)"', answer.content.decode()))
    return str(name)


def test_draft_is_saved_whatever_the_linter_says(desk: Client, nudge: MessagePage) -> None:
    answer = send_form(desk, nudge, sms_text="No way out, see {Link}", whatsapp_text="")
    assert answer.status_code == 302
    assert latest(nudge).sms_text == "No way out, see {Link}"


@pytest.mark.parametrize("action", ["action-submit", "action-publish"])
def test_error_blocks_what_is_sent_on_and_stands_at_its_box(
    desk: Client, nudge: MessagePage, action: str
) -> None:
    answer = send_form(desk, nudge, action, sms_text="No way out")
    if answer.status_code == 302:
        # Nobody may publish: the button then saves a draft, and nothing is sent on.
        assert action == "action-publish"
    else:
        form = answer.context["form"]
        assert "does not say how to stop" in str(form.errors["sms_text"])
    assert not MessagePage.objects.get(pk=nudge.pk).workflow_in_progress
    assert MessagePage.objects.get(pk=nudge.pk).sms_text != "No way out"


def test_warning_asks_for_a_reason_and_keeps_what_was_typed(
    desk: Client, nudge: MessagePage
) -> None:
    answer = send_form(desk, nudge, "action-submit", web_title="Typed just now")
    assert answer.status_code == 200
    assert reason_box(answer, WARNED)
    assert "Typed just now" in answer.content.decode()
    assert not Review.objects.filter(act=Act.REASONED).exists()


def test_reason_lets_it_pass_and_is_recorded_with_its_name(
    desk: Client, person: Any, nudge: MessagePage
) -> None:
    refused = send_form(desk, nudge, "action-submit")
    box = reason_box(refused, WARNED)
    answer = send_form(desk, nudge, "action-submit", **{box: "Meta reads it this week"})
    assert answer.status_code == 302
    assert MessagePage.objects.get(pk=nudge.pk).workflow_in_progress
    (review,) = Review.objects.filter(act=Act.REASONED)
    assert (review.by, review.note, review.key) == (person, "Meta reads it this week", nudge.key)
    assert review.rule.startswith(f"{WARNED}:")


def test_blank_reason_is_none(desk: Client, nudge: MessagePage) -> None:
    box = reason_box(send_form(desk, nudge, "action-submit"), WARNED)
    assert send_form(desk, nudge, "action-submit", **{box: "  "}).status_code == 200


def test_reason_given_on_a_draft_alone_is_not_recorded(desk: Client, nudge: MessagePage) -> None:
    box = reason_box(send_form(desk, nudge, "action-submit"), WARNED)
    assert send_form(desk, nudge, **{box: "Not yet"}).status_code == 302
    assert not Review.objects.filter(act=Act.REASONED).exists()


def test_reason_is_remembered_for_the_page(
    desk: Client, person: Any, nudge: MessagePage, today: date
) -> None:
    (finding,) = lint(read_draft(nudge), today=today)
    give_reason(nudge, finding, note="Under way", by=person, now=NOW)
    assert send_form(desk, nudge, "action-submit").status_code == 302
    assert Review.objects.filter(act=Act.REASONED).count() == 1


def test_reason_for_one_word_is_none_for_another(
    desk: Client, person: Any, nudge: MessagePage, today: date
) -> None:
    for word in ("deadly", "flood"):
        ListedWord.objects.get_or_create(language="en", kind=WordKind.ALARMING, word=word)
    nudge.web_summary = "A deadly way."
    for finding in lint(read_draft(nudge), today=today):
        give_reason(nudge, finding, note="Agreed with the elders", by=person, now=NOW)
    check_submittable(nudge, today=today)
    nudge.web_summary = "A long and deadly way."
    check_submittable(nudge, today=today)
    nudge.web_summary = "A deadly way, a flood."
    with pytest.raises(NotSubmittable) as refusal:
        check_submittable(nudge, today=today)
    assert [finding.what for finding in refusal.value.findings] == ["flood"]


def test_new_message_is_held_and_its_reason_recorded(
    desk: Client, person: Any, nudge: MessagePage
) -> None:
    address = reverse("wagtailadmin_pages:add", args=["cms", "messagepage", nudge.get_parent().pk])
    filled: dict[str, Any] = {
        "title": "Something new",
        "slug": "something-new",
        "pattern": "nudge",
        "expires": "2027-03-01",
        "sensitivity": "push_ok",
        "whatsapp_text": "There is news for you. Reply 0 to stop.",
        "action-submit": "1",
    }
    first = desk.get(address).content.decode()
    refused = desk.post(address, read_form(first, **filled))
    assert refused.status_code == 200
    box = reason_box(refused, WARNED)
    answer = desk.post(address, read_form(first, **filled, **{box: "Not sent before May"}))
    assert answer.status_code == 302
    made = MessagePage.objects.get(title="Something new")
    assert made.workflow_in_progress
    assert list(reasons_for(made).values()) == ["Not sent before May"]


def test_reviewer_s_approval_asks_the_linter_too(nudge: MessagePage, desk: Client) -> None:
    form_class = MessagePage.get_edit_handler().get_form_class()
    for data, is_sent_on in (
        ({"action-workflow-action": "1", "workflow-action-name": "approve"}, True),
        ({"action-workflow-action": "1", "workflow-action-name": "reject"}, False),
        ({"action-restart-workflow": "1"}, True),
        ({"action-cancel-workflow": "1"}, False),
        ({}, False),
    ):
        assert form_class(data, instance=nudge).is_sent_on is is_sent_on


# ---- The gate below the form -------------------------------------------------------------------


def test_gate_refuses_the_negative_example_without_quoting_it(today: date) -> None:
    message = find_message("MSG-CM-X1")
    with pytest.raises(NotSubmittable) as refusal:
        check_submittable(message, today=today)
    assert "contact_expired" in str(refusal.value)
    assert "UNHCR" not in str(refusal.value)
    assert "unhcr.org" not in str(refusal.value)


def test_gate_refuses_a_new_message_that_names_an_expired_contact(
    nudge: MessagePage, today: date
) -> None:
    new = MessagePage(locale=nudge.locale, title="New", expires=nudge.expires)
    for name in TEXT_FIELDS:
        setattr(new, name, getattr(nudge, name))
    check_submittable(new, today=today)
    new.contact_points = ContactPoint.objects.filter(key="CM-X1", translation_state="original")
    with pytest.raises(NotSubmittable) as refusal:
        check_submittable(new, today=today)
    named = [one.what for one in refusal.value.findings if one.rule == "contact_expired"]
    assert named == ["CM-X1"]


def test_gate_holds_a_warning_until_there_is_a_reason(
    person: Any, nudge: MessagePage, today: date
) -> None:
    with pytest.raises(NotSubmittable):
        check_submittable(nudge, today=today)
    for finding in lint(read_draft(nudge), today=today):
        give_reason(nudge, finding, note="Agreed", by=person, now=NOW)
    check_submittable(nudge, today=today)


def test_gate_lets_a_clean_message_pass(nudge: MessagePage, today: date) -> None:
    nudge.whatsapp_template_state = TemplateState.APPROVED
    check_submittable(nudge, today=today)


def test_reason_on_a_french_page_counts_there_alone(
    person: Any, nudge: MessagePage, today: date
) -> None:
    for finding in lint(read_draft(nudge), today=today):
        give_reason(nudge, finding, note="Agreed", by=person, now=NOW)
    assert reasons_for(find_message("MSG-GEN-1", "fr")) == {}
