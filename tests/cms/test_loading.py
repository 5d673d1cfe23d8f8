"""The starter pack becomes rows and pages, once."""

from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import Locale, Page, Revision, Site

from cms.models import (
    Claim,
    ContactPoint,
    Fact,
    HomePage,
    ListedWord,
    LoadedEntry,
    MessagePage,
    Pathway,
    Route,
    RoutePage,
    Source,
    TranslationState,
)
from cms.starter.loading import load_pack
from cms.starter.reading import Pack
from locales.languages import READER_LANGUAGES
from tests.cms.finding import find_message

pytestmark = pytest.mark.database

ENTRIES = (Fact, Pathway, Claim, ContactPoint)
TABLES = (*ENTRIES, Source, Route, Page, Revision, Locale, Site, LoadedEntry)


def load(pack: Pack) -> int:
    return load_pack(pack, say=lambda _line: None)


def count_rows() -> dict[str, int]:
    return {str(model): model.objects.count() for model in TABLES}


def test_pack_is_loaded_whole(starter: Pack) -> None:
    originals = {"translation_state": TranslationState.ORIGINAL}
    assert Source.objects.count() == 88
    assert Route.objects.count() == 13
    assert Fact.objects.filter(**originals).count() == 35
    assert ContactPoint.objects.filter(**originals).count() == 37
    assert Pathway.objects.filter(**originals).count() == 13
    assert Claim.objects.filter(**originals).count() == 12
    assert MessagePage.objects.live().filter(**originals).count() == 9
    assert RoutePage.objects.live().filter(**originals).count() == 13


def test_every_link_of_the_pack_is_kept(starter: Pack) -> None:
    for record in starter.records["claims"]:
        claim = Claim.objects.get(key=record.id, locale__language_code="en")
        for name in ("facts", "pathways", "contact_points", "sources"):
            kept = set(getattr(claim, name).values_list("key", flat=True))
            assert kept == set(record.links[name]), (record.id, name)


def test_legs_languages_and_figures_are_kept_in_order(starter: Pack) -> None:
    route = Route.objects.get(code="hoa-east")
    record = starter.record("routes", "hoa-east")
    assert [leg.country for leg in route.legs.all()] == [
        leg["country"] for leg in record.rows["legs"]
    ]
    assert [row.code for row in route.languages.all()][:3] == ["om", "am", "ti"]
    pathway = Pathway.objects.get(key="CM-P1", locale__language_code="en")
    assert [figure.value for figure in pathway.figures.all()] == [164850, 165850, 166850]


def test_second_run_changes_nothing(starter: Pack) -> None:
    before = count_rows()
    assert load(starter) == 0
    assert count_rows() == before


def test_later_edit_is_never_overwritten(starter: Pack) -> None:
    Fact.objects.filter(key="CM-R1", locale__language_code="en").update(statement="Mended.")
    page = find_message("MSG-CM-1", "fr")
    page.sms_text = "Corrigé."
    page.save_revision().publish()
    load(starter)
    assert Fact.objects.get(key="CM-R1", locale__language_code="en").statement == "Mended."
    assert find_message("MSG-CM-1", "fr").sms_text == "Corrigé."


def test_deleted_entry_does_not_come_back(starter: Pack) -> None:
    unused = Claim.objects.filter(messages=None, translation_state="original").earliest("key")
    Claim.objects.filter(key=unused.key).delete()
    find_message("MSG-GEN-1", "ar").delete()
    load(starter)
    assert not Claim.objects.filter(key=unused.key).exists()
    assert not MessagePage.objects.filter(key="MSG-GEN-1", locale__language_code="ar").exists()


def test_interrupted_run_is_finished_by_the_next(
    starter: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    MessagePage.objects.get(key="MSG-ER-3", locale__language_code="en").delete()
    LoadedEntry.objects.filter(file="messages", key__in=["MSG-ER-3", "MSG-ER-2"]).delete()
    MessagePage.objects.filter(key__in=["MSG-ER-3", "MSG-ER-2"]).delete()
    tried = []

    def fail_on_the_third(self: MessagePage, *args: Any, **kwargs: Any) -> Any:
        tried.append(self.key)
        if len(tried) == 3:
            raise KeyboardInterrupt
        return Page.serializable_data(self)

    monkeypatch.setattr(MessagePage, "serializable_data", fail_on_the_third)
    with pytest.raises(KeyboardInterrupt):
        load(starter)
    assert not MessagePage.objects.filter(key__in=["MSG-ER-3", "MSG-ER-2"]).exists()
    monkeypatch.undo()
    assert load(starter) == 2 * len(READER_LANGUAGES)
    assert find_message("MSG-ER-3", "ar").live


def test_translations_share_key_and_state_and_have_a_code_of_their_own(starter: Pack) -> None:
    source = find_message("MSG-WA-1")
    for language in ("fr", "ar"):
        page = find_message("MSG-WA-1", language)
        assert page.translation_key == source.translation_key
        assert page.code != source.code
        assert page.translation_state == TranslationState.MACHINE
        assert page.source == source


def test_translation_without_a_text_leaves_it_empty(starter: Pack) -> None:
    pathway = Pathway.objects.get(key="CM-P1", locale__language_code="fr")
    assert pathway.name
    assert pathway.cost == ""


def test_each_language_has_a_home_and_english_is_the_root(starter: Pack) -> None:
    homes = HomePage.objects.live().values_list("locale__language_code", flat=True)
    assert set(homes) == set(READER_LANGUAGES)
    assert Site.objects.get(is_default_site=True).root_page.specific.locale.language_code == "en"


@pytest.mark.parametrize("model", [*ENTRIES, MessagePage])
def test_nothing_loaded_is_sendable(starter: Pack, model: Any) -> None:
    assert not model.objects.filter(sendable=True).exists()
    assert not model.objects.exclude(status="demo").exists()


def test_command_reports_the_steps_that_brought_something(
    starter: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_starter")
    assert capsys.readouterr().out.splitlines() == ["Starter pack: nothing new."]

    count, _kinds = LoadedEntry.objects.filter(file="words").delete()
    ListedWord.objects.all().delete()
    call_command("load_starter")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"[11/11] words: {count} new", f"Starter pack: {count} new."]


def test_routes_name_their_neighbours(starter: Pack) -> None:
    route = Route.objects.get(code="hoa-east")
    assert {one.code for one in route.neighbours.all()} == {"hoa-south", "hoa-north"}
    assert not Route.objects.get(code="darien").neighbours.exists()
