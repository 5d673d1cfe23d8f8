"""From draft to live through the admin: another person reads, approves with an expiry, or returns."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import WorkflowState

from cms.editing.queue import list_waiting
from cms.models import (
    Act,
    Fact,
    FactKind,
    HarmClass,
    MessagePage,
    NotApprovable,
    Pathway,
    PlainPage,
    Reading,
    Review,
    Sensitivity,
)
from cms.rights import Role
from cms.starter.reading import Pack
from tests.cms.finding import find_message
from tests.cms.forms import edit_url, read_form, said, send_form
from tests.cms.people import browser_of, make_person

pytestmark = pytest.mark.database


@pytest.fixture
def protector(starter: Pack) -> User:
    return make_person("protector", Role.PROTECTION_REVIEWERS, Role.REVIEWERS)


def fact(**fields: Any) -> Fact:
    row = Fact.objects.get(key="WA-R2", locale__language_code="en")
    later = timezone.localdate() + timedelta(days=60)
    Fact.objects.filter(pk=row.pk).update(review_by=later, **fields)
    return Fact.objects.get(pk=row.pk)


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def submit(author: User, row: Any, **fields: Any) -> Reading:
    response = send_form(browser_of(author), row, "action-submit", **fields)
    assert response.status_code == 302, said(response)
    return step_of(row)


def step_of(row: Any) -> Reading:
    step = again(row).current_workflow_task_state
    assert isinstance(step, Reading)
    return step


def answer(who: User, step: Reading, kind: str, **fields: Any) -> Any:
    sent = {f"{kind}-{name}": value for name, value in fields.items()}
    return browser_of(who).post(reverse("read", args=[step.pk]), {"answer": kind, **sent})


def test_fact_goes_live_when_another_person_has_read_it(author: User, reviewer: User) -> None:
    row = fact()
    step = submit(author, row, statement="A corrected statement.")
    assert again(row).statement != "A corrected statement."
    assert "Approved, and live" in said(answer(reviewer, step, "approve"))
    row = again(row)
    assert (row.statement, row.sendable, row.status) == ("A corrected statement.", True, "checked")
    review = Review.objects.get(act=Act.FACTS_READ)
    assert (review.by, review.revision) == (reviewer, row.live_revision)


def test_author_is_refused_by_the_model_whatever_screen_asks(author: User, reviewer: User) -> None:
    step = submit(author, fact(), statement="Mine.")
    author.groups.add(*reviewer.groups.all())
    with pytest.raises(NotApprovable, match="You submitted this"):
        step.approve(user=author)
    refused = answer(author, step, "approve")
    assert refused.status_code == 422
    assert "You submitted this. Somebody else must read it." in said(refused)
    assert step_of(fact()).pk == step.pk


def test_author_of_an_earlier_draft_is_refused_too(author: User, reviewer: User) -> None:
    row = fact()
    author.groups.add(*reviewer.groups.all())
    send_form(browser_of(author), row, statement="A first draft.")
    other = make_person("other", Role.EDITORS)
    step = submit(other, row, softer_statement="Softer.")
    with pytest.raises(NotApprovable, match="You wrote some of this"):
        step.approve(user=author)
    step.approve(user=reviewer)
    assert again(row).softer_statement == "Softer."


def test_who_is_no_reader_is_refused(author: User) -> None:
    step = submit(author, fact(), statement="Mine.")
    other = make_person("other", Role.EDITORS)
    with pytest.raises(NotApprovable, match="not among the readers"):
        step.approve(user=other)
    assert answer(other, step, "approve").status_code == 302
    assert step_of(fact()).status == Reading.STATUS_IN_PROGRESS


def test_reader_returns_a_text_with_a_reason_and_never_without(
    author: User, reviewer: User
) -> None:
    row = fact()
    step = submit(author, row, statement="Wrong figure.")
    assert answer(reviewer, step, "reject", comment=" ").status_code == 422
    with pytest.raises(NotApprovable, match="Say why"):
        step.reject(user=reviewer)
    answer(reviewer, step, "reject", comment="The source says 30,000.")
    state = again(row).current_workflow_state
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert Review.objects.get(act=Act.RETURNED).note == "The source says 30,000."
    assert again(row).statement != "Wrong figure."


def test_returned_text_is_submitted_again_and_goes_live(author: User, reviewer: User) -> None:
    row = fact()
    answer(reviewer, submit(author, row, statement="Wrong."), "reject", comment="No.")
    step = submit(author, row, statement="Right.")
    answer(reviewer, step, "approve")
    assert again(row).statement == "Right."


# ---- Protection --------------------------------------------------------------------------------


def test_dangerous_text_is_read_by_a_third_person(
    author: User, reviewer: User, protector: User
) -> None:
    row = fact(harm_class=HarmClass.HIGH)
    step = submit(author, row, statement="Dangerous.")
    assert "It now waits for: protection" in said(answer(reviewer, step, "approve"))
    assert again(row).statement != "Dangerous."
    step = step_of(row)
    assert step.act == Act.PROTECTION_READ
    answer(protector, step, "approve")
    assert again(row).statement == "Dangerous."


def test_nobody_reads_both_the_facts_and_for_protection(author: User, protector: User) -> None:
    row = fact(harm_class=HarmClass.HIGH)
    answer(protector, submit(author, row, statement="Dangerous."), "approve")
    step = step_of(row)
    with pytest.raises(NotApprovable, match="for the step before"):
        step.approve(user=protector)
    assert again(row).statement != "Dangerous."


def test_harmless_text_skips_protection(author: User, reviewer: User) -> None:
    row = fact(harm_class=HarmClass.LOW)
    answer(reviewer, submit(author, row, statement="Harmless."), "approve")
    assert again(row).statement == "Harmless."
    assert Reading.objects.get(status=Reading.STATUS_SKIPPED).act == Act.PROTECTION_READ


# ---- With an expiry ----------------------------------------------------------------------------


def test_approval_sets_until_when_a_fact_holds(author: User, reviewer: User) -> None:
    row = fact()
    chosen = timezone.localdate() + timedelta(days=10)
    step = submit(author, row, statement="Short-lived.")
    answer(reviewer, step, "approve", good_until=chosen.isoformat())
    row = again(row)
    assert (row.statement, row.review_by) == ("Short-lived.", chosen)
    assert row.get_latest_revision_as_object().review_by == chosen
    assert row.latest_revision.as_object().review_by == chosen
    # What was read is what is live: the same revision could go live again.
    row.latest_revision.publish(user=reviewer, skip_permission_checks=True)
    assert again(row).review_by == chosen


def test_approval_without_a_day_keeps_the_day_of_the_text(author: User, reviewer: User) -> None:
    row = fact()
    answer(reviewer, submit(author, row, statement="Same day."), "approve")
    assert again(row).review_by == row.review_by


def test_editors_later_day_replaces_the_reviewers_choice(author: User, reviewer: User) -> None:
    row = fact()
    chosen, later = (timezone.localdate() + timedelta(days=days) for days in (10, 90))
    step = submit(author, row, statement="First.")
    answer(reviewer, step, "approve", good_until=chosen.isoformat())
    step = submit(author, row, statement="Second.", review_by=later.isoformat())
    answer(reviewer, step, "approve")
    assert again(row).review_by == later


@pytest.mark.parametrize("days", [0, -1])
def test_expiry_must_be_in_the_future(author: User, reviewer: User, days: int) -> None:
    step = submit(author, fact(), statement="Stale.")
    day = timezone.localdate() + timedelta(days=days)
    refused = answer(reviewer, step, "approve", good_until=day.isoformat())
    assert "Choose a day in the future" in said(refused)
    assert step_of(fact()).pk == step.pk


def test_text_whose_own_day_is_over_needs_a_new_one(author: User, reviewer: User) -> None:
    row = fact()
    Fact.objects.filter(pk=row.pk).update(review_by=timezone.localdate())
    step = submit(author, row, statement="Stale.")
    assert "Choose a day in the future" in said(answer(reviewer, step, "approve"))


def test_second_reader_is_offered_the_first_readers_day(
    author: User, reviewer: User, protector: User
) -> None:
    row = fact(harm_class=HarmClass.HIGH)
    chosen = timezone.localdate() + timedelta(days=10)
    step = submit(author, row, statement="Dangerous.")
    answer(reviewer, step, "approve", good_until=chosen.isoformat())
    page = browser_of(protector).get(reverse("read", args=[step_of(row).pk])).content.decode()
    assert f'value="{chosen.isoformat()}"' in page
    answer(protector, step_of(row), "approve")
    assert again(row).review_by == chosen


# ---- What was read is what goes live -----------------------------------------------------------


def test_newer_draft_is_read_anew(author: User, reviewer: User, protector: User) -> None:
    row = fact(harm_class=HarmClass.HIGH)
    answer(reviewer, submit(author, row, statement="As read."), "approve")
    draft = again(row).get_latest_revision_as_object()
    draft.statement = "Put in later."
    draft.save_revision(user=protector)
    step = step_of(row)
    assert (step.act, step.revision) == (Act.FACTS_READ, again(row).latest_revision)
    assert again(row).statement not in {"As read.", "Put in later."}
    with pytest.raises(NotApprovable, match="You wrote some of this"):
        step.approve(user=protector)


def test_comment_of_a_reader_makes_her_no_author_and_restarts_nothing(
    author: User, reviewer: User
) -> None:
    page = plain_page()
    step = submit(author, page, title="How to check that it is us today")
    send_form(browser_of(reviewer), page)
    renewed = step_of(page)
    assert (renewed.pk, renewed.revision) == (step.pk, again(page).latest_revision)
    assert "Approved, and live" in said(answer(reviewer, renewed, "approve"))


def test_revision_is_never_rewritten(author: User) -> None:
    row = fact()
    client = browser_of(author)
    send_form(client, row, statement="First.")
    first = again(row).latest_revision
    send_form(client, row, statement="Second.", overwrite_revision_id=str(first.pk))
    assert again(row).latest_revision != first
    first.refresh_from_db()
    assert first.content["statement"] == "First."


def test_what_stood_before_the_first_draft_is_kept(author: User) -> None:
    row = fact()
    assert row.latest_revision is None
    send_form(browser_of(author), row, statement="New words.")
    kept = again(row).revisions.order_by("created_at").first()
    assert kept.content["statement"] == row.statement
    assert again(row).live_revision == kept


def test_second_click_on_approve_does_nothing_more(author: User, reviewer: User) -> None:
    step = submit(author, fact(), statement="Once.")
    answer(reviewer, step, "approve")
    assert "Somebody has finished this step already" in said(answer(reviewer, step, "approve"))
    assert Review.objects.filter(act=Act.FACTS_READ).count() == 1


def test_pathway_that_lacks_something_is_not_even_submitted(author: User) -> None:
    row = Pathway.objects.filter(translation_state="original", cost="").first()
    assert row is not None
    sent = send_form(browser_of(author), row, "action-submit", name="Typed just now")
    assert sent.status_code == 200
    assert "A pathway cannot go live before it says" in said(sent)
    assert read_form(sent.content.decode())["name"] == ["Typed just now"]
    assert again(row).current_workflow_state is None


def test_message_that_breaks_a_rule_since_is_not_approved(author: User, reviewer: User) -> None:
    page = sound_message()
    step = submit(author, page, web_title="Ready for you")
    MessagePage.objects.filter(pk=page.pk).update(sensitivity=Sensitivity.ON_REQUEST)
    used = fact(kind=FactKind.FIGURE, has_expired=True)
    revision = step.revision
    revision.content = {**revision.content, "facts": [used.pk]}
    revision.save()
    assert "cannot be submitted yet" in said(answer(reviewer, step, "approve"))
    assert again(page).web_title != "Ready for you"


# ---- Pages -------------------------------------------------------------------------------------


def plain_page() -> PlainPage:
    page: PlainPage = PlainPage.objects.get(kind="verify", locale__language_code="en")
    return page


def test_plain_page_goes_live_by_review_and_has_no_expiry(author: User, reviewer: User) -> None:
    page = plain_page()
    step = submit(author, page, title="How to check us")
    text = browser_of(reviewer).get(reverse("read", args=[step.pk])).content.decode()
    assert "approve-good_until" not in text
    answer(reviewer, step, "approve")
    assert again(page).title == "How to check us"


def test_message_carries_the_expiry_that_its_reader_chose(author: User, reviewer: User) -> None:
    page = sound_message()
    chosen = timezone.localdate() + timedelta(days=20)
    step = submit(author, page, web_title="Ready for you")
    said_back = said(answer(reviewer, step, "approve", good_until=chosen.isoformat()))
    assert "Approved, and live" in said_back
    page = again(page)
    assert (page.web_title, page.expires, page.sendable) == ("Ready for you", chosen, True)


def sound_message() -> MessagePage:
    """Return a message that the linter has nothing against."""
    page = find_message("MSG-GEN-1")
    later = timezone.localdate() + timedelta(days=60)
    MessagePage.objects.filter(pk=page.pk).update(
        expires=later, sensitivity=Sensitivity.ON_REQUEST, whatsapp_template_needed=False
    )
    return find_message("MSG-GEN-1")


# ---- The reader's page -------------------------------------------------------------------------


@pytest.mark.once
def test_readers_page_shows_source_change_and_author(author: User, reviewer: User) -> None:
    row = fact()
    before = row.statement
    step = submit(author, row, statement=f"{before} Added words.")
    text = browser_of(reviewer).get(reverse("read", args=[step.pk])).content.decode()
    assert "Added words." in text
    assert all(source.publisher in text for source in row.sources.all())
    assert "author" in text
    assert "What changes in the live text" in text


@pytest.mark.once
def test_readers_page_shows_what_changed_below_with_old_and_new_words(
    author: User, reviewer: User
) -> None:
    page = sound_message()
    used = fact(kind=FactKind.FIGURE)
    page.facts = [used]
    page.save()
    old = used.statement
    answer(reviewer, submit(author, used, statement="Another figure now."), "approve")
    step = submit(author, page, web_title="Ready")
    text = browser_of(reviewer).get(reverse("read", args=[step.pk])).content.decode()
    assert "Changed since this text was right" in text
    assert old.split()[0] in text
    assert "Another figure now." in text


@pytest.mark.once
def test_answer_given_in_the_form_leads_to_the_readers_page_and_saves_nothing(
    author: User, reviewer: User
) -> None:
    row = fact()
    step = submit(author, row, statement="To be read.")
    response = send_form(
        browser_of(reviewer),
        row,
        "action-workflow-action",
        statement="Slipped in.",
        **{"workflow-action-name": "approve"},
    )
    assert response["location"] == reverse("read", args=[step.pk])
    assert again(row).latest_revision == step.revision


def test_queue_shows_the_most_harmful_first_and_nothing_of_ones_own(
    author: User, reviewer: User
) -> None:
    submit(author, fact(harm_class=HarmClass.LOW), statement="Harmless.")
    submit(author, plain_page(), title="Us", harm_class=HarmClass.HIGH)
    home = browser_of(reviewer).get(reverse("wagtailadmin_home")).content.decode()
    panel = home[home.index("Waiting for you to read") :]
    assert panel.index("High: an error") < panel.index("Low: an error")
    assert (
        "Waiting for you to read"
        not in browser_of(author).get(reverse("wagtailadmin_home")).content.decode()
    )


@pytest.mark.once
def test_queue_asks_no_more_of_the_database_for_more_texts(
    author: User, reviewer: User, django_assert_num_queries: Any
) -> None:
    later = timezone.localdate() + timedelta(days=60)
    Fact.objects.update(review_by=later)
    facts = Fact.objects.filter(locale__language_code="en")[:4]
    submit(author, facts[0], statement="One.")
    with CaptureQueriesContext(connection) as few:
        assert len(list_waiting(User.objects.get(pk=reviewer.pk))) == 1
    asked = len(few)
    for row in facts[1:]:
        submit(author, row, statement="One more.")
    with django_assert_num_queries(asked):
        assert len(list_waiting(User.objects.get(pk=reviewer.pk))) == 4


# ---- Wagtail's own dialogs ---------------------------------------------------------------------


def dialog(row: Any, step: Reading, kind: str) -> str:
    name = f"wagtailsnippets_cms_{row._meta.model_name}:workflow_action"
    return reverse(name, args=[row.pk, kind, step.pk])


@pytest.mark.once
def test_wagtails_dialog_knows_the_same_rules(author: User, reviewer: User) -> None:
    row = fact()
    step = submit(author, row, statement="By the dialog.")
    ours = browser_of(reviewer)
    assert "good_until" in ours.get(dialog(row, step, "approve")).json()["html"]
    author.groups.add(*reviewer.groups.all())
    refused = browser_of(author).post(dialog(row, step, "approve"), {})
    assert refused.json()["redirect"] == edit_url(row)
    assert again(row).statement != "By the dialog."
    ours.post(dialog(row, step, "approve"), {"comment": "Good."})
    assert again(row).statement == "By the dialog."


@pytest.mark.once
def test_step_of_one_text_can_not_be_taken_through_another(author: User, reviewer: User) -> None:
    mine = fact()
    step = submit(author, mine, statement="Mine.")
    author.groups.add(*reviewer.groups.all())
    other = Fact.objects.filter(locale__language_code="en").exclude(pk=mine.pk).first()
    later = timezone.localdate() + timedelta(days=60)
    Fact.objects.filter(pk=other.pk).update(review_by=later)  # type: ignore[union-attr]
    submit(make_person("other", Role.EDITORS), again(other), statement="Hers.")
    browser_of(author).post(dialog(other, step, "approve"), {})
    assert again(mine).statement != "Mine."


@pytest.mark.once
def test_dialog_with_strange_answers_never_breaks(author: User, reviewer: User) -> None:
    row = fact()
    step = submit(author, row, statement="Asked.")
    client: Client = browser_of(reviewer)
    for kind in ("approve", "reject", "explode"):
        for sent in ({}, {"good_until": "soon"}, {"comment": ""}, {"good_until": "2020-01-01"}):
            if (kind, sent) == ("approve", {}) or (kind, sent) == ("approve", {"comment": ""}):
                continue
            assert client.post(dialog(row, step, kind), sent).status_code < 500
    assert step_of(row).pk == step.pk
