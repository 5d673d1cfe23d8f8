"""Approving: two people, one snapshot; what is stale is refused at approval and again at send."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.models import Approval, Broadcast, Edition, Price, Segment
from cms.models import MessagePage, TranslationState
from cms.starter.reading import Pack
from locales.languages import READER_LANGUAGES
from messaging.consenting import consent
from messaging.models import ConsentEntry, Sender, SenderCountry, Subscriber, Template
from messaging.providers.memory import Memory
from messaging.wire import TemplateWord
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.conftest import PACK_DAY

State = Broadcast.State
NOON = datetime(PACK_DAY.year, PACK_DAY.month, PACK_DAY.day, 12, tzinfo=UTC)
BLOCKED = {"contact_point_expired", "message_expired"}


def digest_of(broadcast: Broadcast) -> str:
    fresh = Broadcast.objects.get(pk=broadcast.pk)
    return approving.take_snapshot(fresh, now=factories.now()).digest


def shown_of(broadcast: Broadcast) -> str:
    fresh = Broadcast.objects.get(pk=broadcast.pk)
    return approving.take_snapshot(fresh, now=factories.now()).shown


def approve_shown(team: Team, broadcast: Broadcast, shown: str) -> Approval:
    return approving.approve(broadcast, team.approver, shown=shown, now=factories.now())


@pytest.fixture
def asked(team: Team) -> Broadcast:
    broadcast = factories.make_broadcast(
        team, at_once=False, send_at=factories.now() + timedelta(hours=1)
    )
    approving.ask_approval(broadcast, now=factories.now())
    return broadcast


# ---- What voids an approval ----------------------------------------------------------------------


def change_text(broadcast: Broadcast) -> None:
    Edition.objects.filter(broadcast=broadcast, channel="sms").update(text="Other words.")


def change_parts(broadcast: Broadcast) -> None:
    Edition.objects.filter(broadcast=broadcast, channel="sms").update(parts=3)


def take_language_away(broadcast: Broadcast) -> None:
    Edition.objects.filter(broadcast=broadcast, channel="sms").delete()


def change_rule(broadcast: Broadcast) -> None:
    Segment.objects.filter(pk=broadcast.segment_id).update(countries=["TN", "LY"])


def change_channels(broadcast: Broadcast) -> None:
    Segment.objects.filter(pk=broadcast.segment_id).update(channels=["sms"])


def change_time(broadcast: Broadcast) -> None:
    later = broadcast.send_at + timedelta(minutes=1)
    Broadcast.objects.filter(pk=broadcast.pk).update(send_at=later)


def allow_night(broadcast: Broadcast) -> None:
    Broadcast.objects.filter(pk=broadcast.pk).update(in_quiet_hours=not broadcast.in_quiet_hours)


CHANGES = (
    change_text,
    change_parts,
    take_language_away,
    change_rule,
    change_channels,
    change_time,
    allow_night,
)


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_what_was_shown_stops_the_approval(
    team: Team, asked: Broadcast, change: Callable[[Broadcast], None]
) -> None:
    digest, shown = digest_of(asked), shown_of(asked)
    change(asked)
    assert digest_of(asked) != digest
    with pytest.raises(ApprovalError):
        approve_shown(team, asked, shown)
    asked.refresh_from_db()
    assert asked.state == State.ASKED
    assert not Approval.objects.exists()


def test_stops_and_prices_do_not_change_the_digest(team: Team, asked: Broadcast) -> None:
    digest, shown = digest_of(asked), shown_of(asked)
    for subscriber in Subscriber.objects.all()[:5]:
        consent.withdraw(
            [bytes(subscriber.number_hash)],
            method=ConsentEntry.Method.KEYWORD,
            wording="STOP",
            now=factories.now(),
        )
    Price.objects.update(amount="0.0900")
    assert digest_of(asked) == digest
    assert approve_shown(team, asked, shown).people == 12  # as she saw it


def test_approval_keeps_what_was_shown(team: Team, asked: Broadcast) -> None:
    snapshot = approving.take_snapshot(asked, now=factories.now())
    approval = approve_shown(team, asked, snapshot.shown)
    kept = Approval.objects.get(pk=approval.pk)
    assert kept.digest == snapshot.digest
    assert kept.snapshot == snapshot.data
    texts = {edition["channel"]: edition["text"] for edition in kept.snapshot["editions"]}
    assert set(texts) == {"sms", "whatsapp"}
    assert kept.snapshot["figures"]["people"] == kept.people == 12


@pytest.mark.parametrize(("joining", "grown"), [(1, False), (2, True)])
def test_audience_may_grow_by_five_percent_between_page_and_approval(
    team: Team, asked: Broadcast, joining: int, grown: bool
) -> None:
    factories.subscribe(8)  # to 20 people
    shown = shown_of(asked)
    factories.subscribe(joining)
    if grown:
        with pytest.raises(ApprovalError, match="Something changed"):
            approve_shown(team, asked, shown)
        assert not Approval.objects.exists()
        shown = shown_of(asked)
    assert approve_shown(team, asked, shown).people == (22 if grown else 20)


@pytest.mark.parametrize(("amount", "grown"), [("0.1050", False), ("0.1060", True)])
def test_price_may_rise_by_five_percent_between_page_and_approval(
    team: Team, asked: Broadcast, amount: str, grown: bool
) -> None:
    shown = shown_of(asked)
    Price.objects.update(amount=amount)
    if grown:
        with pytest.raises(ApprovalError, match="Something changed"):
            approve_shown(team, asked, shown)
    else:
        figures = approve_shown(team, asked, shown).snapshot["figures"]
        assert figures["cost"] == "1.2000"  # as she saw it
    assert Approval.objects.exists() != grown


@pytest.mark.parametrize("end", ["", ".", ".00", ".zz", ".é", ".12.1.20"])
def test_digest_without_the_figures_that_were_shown_approves_nothing(
    team: Team, asked: Broadcast, end: str
) -> None:
    with pytest.raises(ApprovalError, match="Something changed"):
        approve_shown(team, asked, digest_of(asked) + end)
    assert not Approval.objects.exists()


def test_figures_of_another_broadcast_approve_nothing(team: Team, asked: Broadcast) -> None:
    other = factories.make_broadcast(team)
    approving.ask_approval(other, now=factories.now())
    _digest, figures = shown_of(other).split(".")
    with pytest.raises(ApprovalError, match="Something changed"):
        approve_shown(team, asked, f"{digest_of(asked)}.{figures}")


# ---- Who, and when -------------------------------------------------------------------------------


def test_second_approval_and_second_asking_are_refused(team: Team, asked: Broadcast) -> None:
    with pytest.raises(ApprovalError):
        approving.ask_approval(asked, now=factories.now())
    shown = shown_of(asked)
    approve_shown(team, asked, shown)
    with pytest.raises(ApprovalError):
        approve_shown(team, asked, shown)
    assert Approval.objects.count() == 1


def test_author_and_strangers_can_neither_approve_nor_return(team: Team, asked: Broadcast) -> None:
    factories.join(team.scheduler, team.partner, factories.Role.APPROVER)
    stranger = factories.make_team("Others").approver
    for person in (team.scheduler, team.analyst, stranger):
        with pytest.raises(ApprovalError):
            approving.approve(asked, person, shown=shown_of(asked), now=factories.now())
        with pytest.raises(ApprovalError):
            approving.return_to_author(asked, person, reason="no", now=factories.now())
    asked.refresh_from_db()
    assert asked.state == State.ASKED


def test_late_second_asking_leaves_the_texts_that_are_being_approved(
    team: Team, asked: Broadcast
) -> None:
    shown = digest_of(asked)
    factories.publish_again(asked.message, sms_text="Other news: {link}")
    # A second request that began before the first had ended still holds the draft.
    late = Broadcast.objects.get(pk=asked.pk)
    late.state = State.DRAFT
    with pytest.raises(ApprovalError):
        approving.ask_approval(late, now=factories.now())
    assert digest_of(asked) == shown


def test_empty_audience_and_readers_without_a_text_are_refused(team: Team) -> None:
    nobody = factories.make_segment(team.partner, countries=["SN"])
    with pytest.raises(ApprovalError, match="Nobody"):
        approving.ask_approval(factories.make_broadcast(team, segment=nobody), now=factories.now())
    factories.subscribe(1, channel="whatsapp")
    sms_only = factories.make_message(whatsapp_text="")
    broadcast = factories.make_broadcast(team, message=sms_only)
    with pytest.raises(ApprovalError, match="no text they can read"):
        approving.ask_approval(broadcast, now=factories.now())
    assert broadcast.state == State.DRAFT


def test_wording_that_whatsapp_has_not_approved_holds(
    team: Team, asked: Broadcast, memory_provider: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = shown_of(asked)
    Template.objects.update(state=Template.State.PENDING)
    monkeypatch.setattr(memory_provider, "read_template", lambda _ref: TemplateWord("pending"))
    assert codes(asked) == {"template_not_approved"}
    with pytest.raises(ApprovalError):
        approve_shown(team, asked, shown)


# ---- On the starter pack -------------------------------------------------------------------------


def codes(broadcast: Broadcast, *, now: datetime | None = None) -> set[str]:
    return {hold.code for hold in approving.find_holds(broadcast, now=now or factories.now())}


def draft_of(team: Team, key: str) -> Broadcast:
    message = MessagePage.objects.get(key=key, translation_state=TranslationState.ORIGINAL)
    return factories.make_broadcast(team, message=message)


@pytest.fixture
def field(starter: Pack, team: Team) -> Team:
    """Return a team that works on the starter pack."""
    return team


@pytest.mark.parametrize("rehearsal", [True, False])
def test_negative_example_is_refused_with_its_reasons(
    field: Team, settings: Any, rehearsal: bool
) -> None:
    settings.REHEARSAL = rehearsal
    broadcast = draft_of(field, "MSG-CM-X1")
    assert codes(broadcast, now=NOON) >= BLOCKED
    with pytest.raises(ApprovalError) as refused:
        approving.ask_approval(broadcast, now=NOON)
    assert "CM-X1" in str(refused.value)
    assert "expired on 2024-06-30" in str(refused.value)
    assert broadcast.state == State.DRAFT
    assert not broadcast.editions.exists()
    assert not Template.objects.exists()


def test_only_the_nudge_of_the_pack_may_be_pushed_in_a_rehearsal(
    field: Team, starter: Pack
) -> None:
    free = {
        record.id
        for record in starter.records["messages"]
        if not approving.hold_content(draft_of(field, record.id), now=NOON)
    }
    assert free == {"MSG-GEN-1"}


def test_nothing_of_the_pack_is_sendable_on_a_live_deployment(
    field: Team, starter: Pack, settings: Any
) -> None:
    settings.REHEARSAL = False
    for record in starter.records["messages"]:
        broadcast = draft_of(field, record.id)
        assert "not_sendable" in codes(broadcast, now=NOON), record.id
        with pytest.raises(ApprovalError):
            approving.ask_approval(broadcast, now=NOON)


def test_each_language_of_the_pack_is_frozen_and_marked_unreviewed(field: Team) -> None:
    broadcast = draft_of(field, "MSG-GEN-1")
    approving.ask_approval(broadcast, now=NOON)
    found = set(broadcast.editions.values_list("channel", "language", "reviewed"))
    assert found == {
        (channel, language, language == "en")
        for channel in ("sms", "whatsapp")
        for language in READER_LANGUAGES
    }


def test_live_deployment_freezes_no_translation_that_nobody_has_read(
    field: Team, settings: Any
) -> None:
    settings.REHEARSAL = False
    MessagePage.objects.filter(key="MSG-GEN-1").update(sendable=True)
    translations = MessagePage.objects.filter(key="MSG-GEN-1", locale__language_code="fr")
    translations.update(translation_state=TranslationState.REVIEWED)
    broadcast = draft_of(field, "MSG-GEN-1")
    # Where it is not registered, nobody may send there.
    with pytest.raises(ApprovalError, match="No sender may send there"):
        approving.ask_approval(broadcast, now=NOON)
    sms = Sender.objects.get(channel="sms")
    SenderCountry.objects.create(sender=sms, country="TN", state=SenderCountry.State.ACTIVE)
    approving.ask_approval(broadcast, now=NOON)
    assert set(broadcast.editions.values_list("language", flat=True)) == {"en", "fr"}
