"""Recalls of one language: a translation that alone was put right is named, for its own readers."""

from datetime import timedelta

import pytest
from wagtail.models import Locale

from campaigns.drafting import recalls
from campaigns.models import Broadcast
from campaigns.permissions import visible_to
from cms.models import ChangeKind, MessagePage, TranslationState
from messaging.models import Delivery
from messaging.states import RANK
from messaging.states import State as Delivered
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def french() -> MessagePage:
    """Return the French of a message that is live in English too."""
    message = factories.make_message()
    locale = Locale.objects.get_or_create(language_code="fr")[0]
    page = message.copy_for_translation(locale, True)
    page.sms_text = "Les nouvelles que vous avez voulues : {link} STOP pour finir."
    page.whatsapp_text = "Voici les nouvelles : {link} STOP pour finir."
    page.save_revision().publish()
    MessagePage.objects.filter(pk=page.pk).update(translation_state=TranslationState.REVIEWED)
    published: MessagePage = MessagePage.objects.get(pk=page.pk)
    return published


@pytest.fixture
def sent(team: Team, french: MessagePage) -> Broadcast:
    """Return a broadcast that four people got in French (one of them reads Wolof) and twelve in English."""
    factories.subscribe(3, language="fr")
    factories.subscribe(1, language="wo")
    broadcast = factories.make_broadcast(team, message=french.source)
    early = now() - timedelta(hours=1)
    factories.approve(team, broadcast, at=early)
    factories.tick(early)
    Delivery.objects.update(
        state=Delivered.DELIVERED, rank=RANK[Delivered.DELIVERED], submitting_at=early
    )
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.LAUNCHED
    return broadcast


def put_right(page: MessagePage, text: str, kind: str = ChangeKind.MAJOR) -> None:
    factories.publish_again(page, sms_text=text, change_kind=kind)
    MessagePage.objects.filter(pk=page.pk).update(translation_state=TranslationState.REVIEWED)


def find(team: Team) -> list[recalls.Recall]:
    return recalls.find_recalls(visible_to(team.scheduler), now=now())


def test_translation_that_was_put_right_is_named(
    sent: Broadcast, french: MessagePage, team: Team
) -> None:
    assert find(team) == []
    put_right(french, "Ce que nous avons dit était faux : {link} STOP pour finir.")
    (recall,) = find(team)
    assert (recall.broadcast, recall.languages, recall.correction) == (sent, ("fr",), None)


def test_same_words_and_small_changes_are_no_correction(
    sent: Broadcast, french: MessagePage, team: Team
) -> None:
    put_right(french, french.sms_text)
    assert find(team) == []
    put_right(french, "Les nouvelles : {link} STOP pour finir.", ChangeKind.MINOR)
    assert find(team) == []


def test_correction_goes_to_readers_of_that_language_and_is_prepared_once(
    sent: Broadcast, french: MessagePage, team: Team
) -> None:
    put_right(french, "Ce que nous avons dit était faux : {link} STOP pour finir.")
    draft = recalls.prepare_correction(sent, team.scheduler, now=now())
    assert recalls.prepare_correction(sent, team.scheduler, now=now()) == draft
    assert draft.corrects == sent
    assert draft.segment.languages == ["fr", "wo"]
    assert draft.segment.received == sent.reference
    (recall,) = find(team)
    assert recall.correction == draft


def test_change_of_the_message_itself_is_for_everybody(
    sent: Broadcast, french: MessagePage, team: Team
) -> None:
    put_right(french, "Ce que nous avons dit était faux : {link} STOP pour finir.")
    factories.publish_again(
        sent.message, sms_text="That was wrong: {link} STOP ends it.", change_kind=ChangeKind.MAJOR
    )
    (recall,) = find(team)
    assert recall.languages == ()
