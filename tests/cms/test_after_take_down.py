"""What was live once, is down, and comes back: who is told, what follows, and what protects it."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from wagtail.actions.unpublish import UnpublishAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Revision

from cms.going_live import take_due_live
from cms.models import Fact, Pathway, TranslationState
from cms.reader.finding import editions_of
from cms.rights import Role
from cms.standing import flagged, outdated
from cms.starter.reading import Pack
from cms.sweeping import sweep
from cms.telling import tell_editors
from cms.uses import InUse
from tests.cms.finding import find_message
from tests.cms.making import again, make_claim, make_home, publish, save_draft
from tests.cms.people import make_person
from tests.cms.upkeep import make_fact, translate

pytestmark = pytest.mark.database


def past(days: int = 1) -> Any:
    return timezone.localdate() - timedelta(days=days)


def ahead(days: int = 90) -> Any:
    return timezone.localdate() + timedelta(days=days)


def take_down(fact: Fact, how: str) -> None:
    if how == "publisher":
        UnpublishAction(again(fact)).execute(skip_permission_checks=True)
    else:
        Fact.objects.filter(pk=fact.pk).update(expires=past(), take_down=True)
        sweep(today=timezone.localdate())
    assert not again(fact).live


# ---- A correction after a take-down ------------------------------------------------------------


@pytest.mark.parametrize("how", ["publisher", "sweep"])
def test_correction_after_a_take_down_leaves_translations_and_uses_behind(
    page_root: None, how: str
) -> None:
    fact = publish(make_fact(), statement="It is open.")
    french, claim = translate(fact, "fr"), make_claim(facts=[fact])
    Fact.objects.filter(pk=fact.pk).update(changed_at=None)
    take_down(fact, how)
    publish(fact, statement="It is closed.", expires=ahead(), change_kind="major")
    assert again(fact).live
    assert french in outdated(Fact)
    assert claim in flagged(type(claim))


def test_first_words_of_a_new_thing_leave_nothing_behind(page_root: None) -> None:
    fact = make_fact(live=False)
    assert publish(fact, statement="First words.").changed_at is None


def test_entry_of_the_pack_counts_as_live_once(starter: Pack) -> None:
    assert not Fact.objects.filter(live=True, first_published_at=None).exists()
    assert not Pathway.objects.filter(live=True, first_published_at=None).exists()
    assert not Pathway.objects.filter(live=False).exclude(first_published_at=None).exists()


# ---- Translations of what is down --------------------------------------------------------------


def test_translations_of_a_message_go_with_it(starter: Pack, reader: Client) -> None:
    page, french = find_message("MSG-WA-1"), find_message("MSG-WA-1", "fr")
    assert reader.get(french.url).status_code == 200
    UnpublishPageAction(page).execute(skip_permission_checks=True)
    assert again(french).live
    assert editions_of(french) == {}
    assert reader.get(french.url).status_code == 404
    assert reader.get(page.url).status_code == 404


def test_page_without_an_original_is_still_read(page_root: None) -> None:
    home = make_home()
    type(home).objects.update(translation_state=TranslationState.REVIEWED)
    assert set(editions_of(home)) == {"en"}


# ---- Dates -------------------------------------------------------------------------------------


def test_renewed_original_renews_its_translations(page_root: None) -> None:
    ended = {"expires": past(), "has_expired": True}
    fact = make_fact(**ended)
    french = translate(fact, "fr", **ended)
    waiting = save_draft(french, statement="D’autres mots.")
    publish(fact, expires=ahead())
    assert (again(french).expires, again(french).has_expired) == (ahead(), False)
    again(french).publish(Revision.objects.get(pk=waiting.pk))
    row = again(french)
    assert (row.statement, row.expires) == ("D’autres mots.", ahead())


def test_shortened_original_shortens_its_translations(page_root: None) -> None:
    fact = make_fact(expires=ahead(90))
    french = translate(fact, "fr", expires=ahead(90))
    publish(fact, expires=ahead(10))
    assert again(french).expires == ahead(10)


def test_translation_sets_no_date_of_its_original(page_root: None) -> None:
    fact = make_fact(expires=ahead(90))
    french = translate(fact, "fr", expires=ahead(90))
    publish(french, statement="D’autres mots.", expires=ahead(10))
    assert again(fact).expires == ahead(90)


# ---- What a draft rests on ---------------------------------------------------------------------


def test_use_in_a_draft_protects_from_deletion(page_root: None) -> None:
    fact, claim = make_fact(), make_claim()
    save_draft(claim, facts=[fact])
    with pytest.raises(InUse, match=claim.key), transaction.atomic():
        fact.delete()
    save_draft(claim, facts=[])
    fact.delete()


def test_use_in_an_older_draft_protects_nothing(page_root: None) -> None:
    fact, claim = make_fact(), make_claim()
    save_draft(claim, facts=[fact])
    publish(claim, facts=[])
    fact.delete()


# ---- The clock ---------------------------------------------------------------------------------


def test_one_that_fails_keeps_no_other_from_its_day(
    page_root: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = make_fact("T-1"), make_fact("T-2")
    now = timezone.now()
    for row in (bad, good):
        revision = save_draft(row, statement="On its day.")
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=now)
    publish_as_ever = Fact.publish

    def fail(self: Fact, *args: Any, **kwargs: Any) -> Any:
        if self.key == "T-1":
            raise ValueError("words of a text")
        return publish_as_ever(self, *args, **kwargs)

    monkeypatch.setattr(Fact, "publish", fail)
    with caplog.at_level(logging.ERROR, logger="waymark.cms"):
        assert take_due_live(now=now) == 1
    assert again(good).statement == "On its day."
    assert "ValueError" in caplog.text
    assert "words of a text" not in caplog.text


def test_nobody_is_told_of_a_draft_that_was_never_live(page_root: None) -> None:
    make_person("editor", Role.EDITORS)
    ended = {"expires": past(), "has_expired": True}
    draft = make_fact("T-1", live=False, **ended)
    down = make_fact("T-2", live=False, first_published_at=timezone.now(), **ended)
    live = make_fact("T-3", **ended)
    assert tell_editors(now=timezone.now()) == 2
    assert again(draft).told_at is None
    assert again(down).told_at is not None
    assert live.key in mail.outbox[0].body
