"""Wordings at the desk: WhatsApp is asked again until it has decided, and its real word is shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.drafting import preparing
from campaigns.models import Broadcast
from messaging.models import Template
from messaging.notifying import templates
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.messaging.office import Office

SignIn = Callable[[User], Client]
ASK_AGAIN, FREEZE, ASK = (
    f"{label}</button>"
    for label in ("Ask WhatsApp again", "Freeze the texts again", "Ask for approval")
)


@pytest.fixture
def office(team: Team, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return the provider that every wording goes to."""
    office = Office()
    office.word = "pending"
    monkeypatch.setattr(templates, "provider_named", lambda _name: office)
    return office


@pytest.fixture
def draft(team: Team, office: Office) -> Broadcast:
    """Return a draft whose wording WhatsApp has not decided about."""
    return preparing.prepare(
        author=team.scheduler,
        message=factories.make_message(),
        segment=factories.make_segment(team.partner),
        now=factories.now(),
    )


def read(client: Client, draft: Broadcast) -> str:
    return client.get(reverse("desk_broadcast", args=[draft.code])).content.decode()


def freeze(client: Client, draft: Broadcast) -> str:
    path = reverse("desk_texts", args=[draft.code])
    return client.post(path, follow=True).content.decode()


def hold_codes(draft: Broadcast) -> set[str]:
    return {hold.code for hold in approving.find_holds(draft, now=factories.now())}


def test_wording_that_waits_is_asked_about_again_until_it_is_approved(
    team: Team, sign_in: SignIn, office: Office, draft: Broadcast
) -> None:
    author = sign_in(team.scheduler)
    page = read(author, draft)
    assert "WhatsApp has not approved this wording yet." in page
    assert ASK_AGAIN in page
    assert ASK not in page
    assert ASK_AGAIN in freeze(author, draft)  # it still waits
    office.word = "approved"
    page = freeze(author, draft)
    assert ASK in page
    assert ASK_AGAIN not in page
    assert len(office.submitted) == 1
    author.post(reverse("desk_ask", args=[draft.code]))
    draft.refresh_from_db()
    assert draft.state == Broadcast.State.ASKED


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("pending", "waiting for WhatsApp"),
        ("approved", "approved by WhatsApp"),
        ("rejected", "refused by WhatsApp"),
    ],
)
def test_texts_say_what_whatsapp_has_said(
    team: Team, sign_in: SignIn, office: Office, draft: Broadcast, word: str, said: str
) -> None:
    office.word = word
    freeze(sign_in(team.scheduler), draft)
    page = read(sign_in(team.analyst), draft)
    assert f"one message · {said}" in page
    assert page.count("by WhatsApp") + page.count("waiting for WhatsApp") == 1


def test_refused_wording_has_a_hold_of_its_own_until_an_editor_changes_the_text(
    team: Team, sign_in: SignIn, office: Office, draft: Broadcast
) -> None:
    author = sign_in(team.scheduler)
    office.word = "rejected"
    page = freeze(author, draft)
    assert hold_codes(draft) == {"template_rejected"}
    assert "WhatsApp refused this wording. Ask an editor to change the text." in page
    # Asking again would change nothing.
    assert ASK_AGAIN not in page
    assert FREEZE not in page
    office.word = "approved"
    factories.publish_again(draft.message, whatsapp_text="Other news: {link} STOP ends it.")
    assert FREEZE in read(author, draft)
    assert ASK in freeze(author, draft)
    assert not hold_codes(draft)
    assert Template.objects.filter(state=Template.State.REJECTED).count() == 1


def test_paused_wording_is_asked_about_again(
    team: Team, sign_in: SignIn, office: Office, draft: Broadcast
) -> None:
    author = sign_in(team.scheduler)
    office.word = "paused"
    page = freeze(author, draft)
    assert hold_codes(draft) == {"template_paused"}
    assert ASK_AGAIN in page
    office.word = "approved"
    # What was heard a moment ago is not asked for again.
    Template.objects.update(checked_at=factories.now() - timedelta(hours=1))
    assert ASK in freeze(author, draft)


def test_wording_that_is_switched_off_is_frozen_again_once_its_text_has_changed(
    team: Team, sign_in: SignIn, office: Office, draft: Broadcast
) -> None:
    author = sign_in(team.scheduler)
    office.word = "disabled"
    page = freeze(author, draft)
    assert hold_codes(draft) == {"template_disabled"}
    assert FREEZE not in page
    office.word = "approved"
    factories.publish_again(draft.message, whatsapp_text="Other news: {link} STOP ends it.")
    assert FREEZE in read(author, draft)
    assert ASK in freeze(author, draft)


def test_only_who_plans_is_offered_to_ask_whatsapp_again(
    team: Team, sign_in: SignIn, draft: Broadcast
) -> None:
    assert ASK_AGAIN not in read(sign_in(team.approver), draft)
