"""What WhatsApp says reaches whoever has to know: the desk, the CMS, the approval and what runs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.template import Context
from django.template import Template as Page
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.going_out import launching, scheduling
from campaigns.models import Broadcast, Price
from campaigns.staff import LEADS
from campaigns.wordings import explain_reason, state_of
from messaging.models import Batch, Template
from messaging.notifying import templates
from messaging.service_wordings import list_drafts
from messaging.wire import Unclear
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.messaging.office import Office

SignIn = Callable[[User], Client]
State = Broadcast.State
HOUR = timedelta(hours=1)


@pytest.fixture
def office(team: Team, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office()
    monkeypatch.setattr(templates, "provider_named", lambda _name: office)
    return office


@pytest.fixture
def approved(team: Team, office: Office) -> Broadcast:
    """Return an approved broadcast that is due in two hours."""
    broadcast = factories.make_broadcast(team, at_once=False, send_at=factories.now() + 2 * HOUR)
    factories.approve(team, broadcast, at=factories.now())
    broadcast.refresh_from_db()
    return broadcast


def let_its_time_come(broadcast: Broadcast) -> str:
    factories.tick(broadcast.send_at)
    broadcast.refresh_from_db()
    return broadcast.state


def read(client: Client, broadcast: Broadcast) -> str:
    return client.get(reverse("desk_broadcast", args=[broadcast.code])).content.decode()


# ---- Before it is launched -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("paused", "WhatsApp has paused this wording. Its reason: quality."),
        ("disabled", "WhatsApp has switched this wording off. Its reason: quality."),
        ("rejected", "WhatsApp refused this wording. Its reason: quality."),
        ("pending", "WhatsApp has not approved this wording yet."),
    ],
)
def test_wording_is_asked_about_before_the_launch_and_held_back_in_words(
    team: Team, sign_in: SignIn, office: Office, approved: Broadcast, word: str, said: str
) -> None:
    office.word, office.reason = word, "quality"
    assert let_its_time_come(approved) == State.HELD
    assert not Batch.objects.exists()
    assert said in read(sign_in(team.scheduler), approved)


def test_launch_goes_by_what_is_known_where_whatsapp_does_not_answer(
    office: Office, approved: Broadcast
) -> None:
    office.error = Unclear("no_answer")
    assert let_its_time_come(approved) == State.LAUNCHED


# ---- Its category --------------------------------------------------------------------------------


def test_category_that_whatsapp_changes_voids_what_was_approved(
    office: Office, approved: Broadcast
) -> None:
    office.category = "UTILITY"
    assert let_its_time_come(approved) == State.VOID
    assert not Batch.objects.exists()


def test_category_that_changes_while_somebody_reads_is_not_approved_unseen(
    team: Team, office: Office
) -> None:
    broadcast = factories.make_broadcast(team)
    now = factories.now()
    shown = approving.ask_approval(broadcast, now=now).shown
    office.category = "UTILITY"
    with pytest.raises(approving.ApprovalError, match="Something changed"):
        approving.approve(broadcast, team.approver, shown=shown, now=now + HOUR)


def test_category_sets_the_price(team: Team, office: Office) -> None:
    factories.subscribe(10, channel="whatsapp")
    factories.make_price(channel="whatsapp", amount="0.0400")
    Price.objects.create(
        channel="whatsapp",
        country="TN",
        category="utility",
        amount="0.0100",
        valid_from=factories.now().date(),
        source="test",
    )
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=factories.now())

    def cost() -> str:
        lines = approving.take_snapshot(broadcast, now=factories.now()).estimate.lines
        return str(next(line.cost for line in lines if line.channel == "whatsapp"))

    assert cost() == "0.4000"
    Template.objects.update(found_category="utility")
    assert cost() == "0.1000"


# ---- On the way ----------------------------------------------------------------------------------


def test_wording_taken_back_on_the_way_pauses_and_ends_nothing(
    team: Team, sign_in: SignIn, office: Office, approved: Broadcast
) -> None:
    assert let_its_time_come(approved) == State.LAUNCHED
    before = Batch.objects.get().text_valid_until
    office.word = "paused"
    templates.poll(now=approved.send_at + HOUR, seconds=9, early=True)
    assert launching.hold_stale(now=approved.send_at) == 0
    batch = Batch.objects.get()
    assert (batch.state, batch.text_valid_until) == (Batch.State.PAUSED, before)
    client = sign_in(team.scheduler)
    assert "It paused itself: WhatsApp does not let us send its wording" in read(client, approved)
    with pytest.raises(scheduling.WordingError):
        scheduling.resume(approved, now=factories.now())
    path = reverse("desk_resume", args=[approved.code])
    assert "WhatsApp has paused this wording." in client.post(path, follow=True).content.decode()
    office.word = "approved"
    templates.poll(now=approved.send_at + 2 * HOUR, seconds=9, early=True)
    assert scheduling.resume(approved, now=factories.now())


# ---- In the CMS ----------------------------------------------------------------------------------


def show_in_cms(message: object) -> str:
    panel = Page("{% include 'cms/admin/wording_state.html' %}")
    return panel.render(Context({"self": {"instance": message}}))


def test_editor_reads_beside_the_text_what_whatsapp_says_and_why(
    office: Office, team: Team
) -> None:
    message = factories.make_message()
    assert state_of(message) is None
    assert "WhatsApp has not seen this wording." in show_in_cms(message)
    office.word, office.reason = "rejected", "INCORRECT_CATEGORY"
    office.category = "MARKETING"
    broadcast = factories.make_broadcast(team, message=message)
    with pytest.raises(approving.ApprovalError):
        approving.ask_approval(broadcast, now=factories.now())
    page = show_in_cms(message)
    assert "WhatsApp template: refused by WhatsApp." in page
    assert "The category does not fit the text. (INCORRECT_CATEGORY)" in page
    assert "the same wording cannot be submitted again" in page
    assert "earlier text" not in page
    # Changed, the text is another wording, which nobody has submitted.
    factories.publish_again(message, whatsapp_text="Other news: {link} STOP ends it.")
    message.refresh_from_db()
    assert "It said this of an earlier text." in show_in_cms(message)


def test_editor_reads_that_it_is_billed_as_something_else(office: Office, team: Team) -> None:
    message = factories.make_message(
        whatsapp_template_needed=True, whatsapp_template_category="utility"
    )
    office.category = "MARKETING"
    approving.ask_approval(factories.make_broadcast(team, message=message), now=factories.now())
    state = state_of(message)
    assert state is not None
    assert (state.may_send, state.billed_as) == (True, "marketing")
    assert "WhatsApp bills it as marketing." in show_in_cms(message)


def test_reason_that_is_not_known_stands_as_it_came() -> None:
    assert explain_reason("something new") == "something new"


# ---- Service wordings at the desk ----------------------------------------------------------------


def test_lead_submits_the_service_wordings_and_sees_what_becomes_of_them(
    office: Office, sign_in: SignIn
) -> None:
    lead = factories.make_user("lead")
    lead.groups.add(Group.objects.get_or_create(name=LEADS)[0])
    client, address = sign_in(lead), reverse("desk_templates")
    drafts = list_drafts()
    page = client.get(address).content.decode()
    assert page.count("not submitted") == len(drafts)
    office.word = "pending"
    page = client.post(reverse("desk_templates_submit"), follow=True).content.decode()
    assert f"{len(drafts)} wordings submitted." in page
    assert page.count("waiting for WhatsApp") == len(drafts)
    assert reverse("desk_templates_submit") not in page
    office.word, office.reason = "rejected", "SCAM"
    page = client.post(reverse("desk_templates_ask"), follow=True).content.decode()
    assert page.count("WhatsApp takes it for a fraud. (SCAM)") == len(drafts)
    office.error = Unclear("no_answer")
    page = client.post(reverse("desk_templates_ask"), follow=True).content.decode()
    assert "WhatsApp could not be asked now." in page
