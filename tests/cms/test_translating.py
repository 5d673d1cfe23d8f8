"""Translations through wagtail-localize: drafts only, never English under another language's address."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail_localize.locales.components import LOCALE_COMPONENTS
from wagtail_localize.models import (
    LocaleSynchronization,
    StringTranslation,
    Translation,
    TranslationSource,
)
from wagtail_localize.operations import translate_object

from cms.marking import is_marked
from cms.models import HomePage, MessagePage, NotPublishable, RoutePage, Status, TranslationState
from cms.rights import Role
from cms.starter.reading import Pack
from cms.translating.adopting import MACHINE, MANUAL, adopt, remember
from cms.translating.texts import as_markup, as_words, texts_of
from tests.cms.finding import find_message
from tests.cms.people import browser_of, make_person
from tests.cms.translations import (
    again,
    change_major,
    draft_of,
    fact,
    in_language,
    live_words,
    new_language,
    plain_page,
)

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("starter")]


@pytest.fixture
def translator(starter: Pack) -> User:
    return make_person("translator", Role.TRANSLATORS, languages=("fr", "om"))


def french() -> Locale:
    return Locale.objects.get(language_code="fr")


def translation_of(original: Any, locale: Locale) -> Translation:
    return adopt(original, locale, row=in_language(original, locale.language_code))


# ---- Adopting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("find", [fact, lambda: find_message("MSG-GEN-1"), plain_page])
def test_translation_made_elsewhere_is_adopted_with_all_its_texts(find: Any) -> None:
    original = find()
    row = in_language(original, "fr")
    translation = translation_of(original, french())
    assert not translation.enabled
    total, done = translation.get_progress()
    # wagtail-localize also counts the last part of a page's address.
    slugs = 1 if isinstance(original, Page) else 0
    assert done == len(texts_of(row)) > 0
    assert total - slugs == len(texts_of(original))
    kinds = StringTranslation.objects.filter(context__object_id=original.translation_key)
    assert set(kinds.values_list("translation_type", flat=True)) == {MACHINE}


def test_adopting_twice_changes_nothing_and_follows_the_draft() -> None:
    original = fact()
    translation_of(original, french())
    draft = in_language(original, "fr").get_latest_revision_as_object()
    draft.statement = "Une autre phrase."
    draft.caution = ""
    draft.save_revision(clean=False)
    assert translation_of(original, french()) == translation_of(original, french())
    kept = StringTranslation.objects.filter(context__object_id=original.translation_key)
    assert {row.context.path: row.data for row in kept} == {"statement": "Une autre phrase."}


def test_words_made_from_an_older_original_do_not_count_as_its_translation() -> None:
    translation_of(fact(), french())
    change_major(fact(), "Something else is true now.")
    translation = translation_of(fact(), french())
    total, done = translation.get_progress()
    assert done == total - 1


def test_adopting_touches_no_row_and_no_title() -> None:
    before = live_words()
    drafts = set(Page.objects.values_list("pk", "draft_title"))
    message = find_message("MSG-GEN-1")
    draft = in_language(message, "fr").get_latest_revision_as_object()
    draft.title = "A & B"
    draft.save_revision()
    drafts_with_mine = set(Page.objects.values_list("pk", "draft_title"))
    translation_of(message, french())
    assert live_words() == before
    assert set(Page.objects.values_list("pk", "draft_title")) == drafts_with_mine != drafts


def test_markup_of_wagtail_localize_holds_any_text_as_it_is() -> None:
    for words in (
        "a < b & c > d",
        "one\n   \n\ntwo ",
        "&amp; <br/>",
        '"x" \u200f\u200e {link}',
        "\r\n\t",
    ):
        assert as_words(as_markup(words)) == words


# ---- Saving ------------------------------------------------------------------------------------


@pytest.mark.parametrize("publish", [True, False])
@pytest.mark.parametrize("find", [fact, lambda: find_message("MSG-GEN-1"), plain_page])
def test_saving_through_localize_never_writes_the_live_row(
    find: Any, publish: bool, django_capture_on_commit_callbacks: Any
) -> None:
    original, before = find(), live_words()
    row = in_language(original, "fr")
    translation = translation_of(original, french())
    place = "title" if isinstance(original, Page) else "statement"
    remember(translation, {place: "Un mot neuf"}, kind=MANUAL)
    with django_capture_on_commit_callbacks(execute=True):
        translation.save_target(publish=publish)
    assert live_words() == before
    assert getattr(draft_of(row), place) == "Un mot neuf"
    assert again(row).has_unpublished_changes
    assert again(row).live_revision_id != again(row).latest_revision_id


def test_translation_without_known_texts_is_not_overwritten_with_english() -> None:
    original = fact()
    row = in_language(original, "fr")
    source, _made = TranslationSource.update_or_create_from_instance(original)
    translation = Translation.objects.create(source=source, target_locale=french())
    translation.save_target(publish=True)
    assert draft_of(row).statement == row.statement
    assert again(row).statement == row.statement


def test_saving_keeps_the_other_edits_of_an_open_draft() -> None:
    original = fact()
    draft = in_language(original, "fr").get_latest_revision_as_object()
    draft.fix_first = True
    draft.save_revision()
    translation = translation_of(original, french())
    remember(translation, {"statement": "Neuf"}, kind=MANUAL)
    translation.save_target()
    kept = draft_of(draft)
    assert (kept.fix_first, kept.statement) == (True, "Neuf")


def test_new_words_take_back_that_they_were_read_aloud() -> None:
    message = find_message("MSG-GEN-1")
    draft = in_language(message, "fr").get_latest_revision_as_object()
    draft.plain_language = True
    draft.save_revision()
    translation = translation_of(message, french())
    translation.save_target()
    assert draft_of(draft).plain_language
    remember(translation, {"sms_text": "Autre chose : {link}"}, kind=MANUAL)
    translation.save_target()
    assert not draft_of(draft).plain_language


def test_what_is_the_same_in_every_language_follows_the_live_original() -> None:
    original = fact()
    type(original).objects.filter(pk=original.pk).update(review_by="2027-01-31")
    translation_of(again(original), french()).save_target()
    row = in_language(original, "fr")
    assert str(draft_of(row).review_by) == "2027-01-31"
    assert str(row.review_by) != "2027-01-31"


def test_blocks_that_were_named_otherwise_are_matched_by_their_order() -> None:
    original = plain_page()
    row = in_language(original, "fr")
    assert {block.id for block in row.body}.isdisjoint({block.id for block in original.body})
    before = [str(block.value) for block in row.body]
    translation = translation_of(original, french())
    remember(translation, {"title": "Un autre titre"}, kind=MANUAL)
    translation.save_target()
    draft = draft_of(row)
    assert [str(block.value) for block in draft.body] == before
    assert [block.id for block in draft.body] == [block.id for block in original.body]


def test_blocks_that_only_the_translation_has_stay_as_they_are() -> None:
    original = plain_page()
    draft = in_language(original, "fr").get_latest_revision_as_object()
    draft.body.append(("paragraph", "Une phrase de plus, pour la France."))
    draft.save_revision()
    before = [str(block.value) for block in draft_of(draft).body]
    translation = translation_of(original, french())
    remember(translation, {"title": "Un autre titre"}, kind=MANUAL)
    translation.save_target()
    assert [str(block.value) for block in draft_of(draft).body] == before
    assert draft_of(draft).title == "Un autre titre"


# ---- Beginning ---------------------------------------------------------------------------------


def test_new_translation_is_a_draft_without_a_word_of_english() -> None:
    original, before, now = fact(), live_words(), timezone.now()
    translation_of(original, new_language()).save_target(publish=True)
    row = in_language(original, "om")
    assert (row.live, row.live_revision, row.first_published_at) == (False, None, None)
    assert (row.translation_state, row.status) == (TranslationState.UNREVIEWED, Status.DEMO)
    assert row.current_as_of >= now
    assert row.changed_at is None
    assert not row.sendable
    assert texts_of(row) == texts_of(draft_of(row)) == {}
    assert list(row.routes.all()) == list(original.routes.all())
    assert {place: words for place, words in live_words().items() if place in before} == before


def test_new_page_says_that_its_title_is_not_translated_and_cannot_go_live() -> None:
    message = find_message("MSG-GEN-1")
    MessagePage.objects.update(plain_language=True, whatsapp_template_state="approved")
    translation_of(message, new_language()).save_target()
    page = in_language(message, "om")
    assert not page.live
    assert is_marked(page.title)
    assert is_marked(draft_of(page).title)
    assert page.code != message.code
    assert not any((page.sms_text, page.nudge_text, page.web_summary))
    assert not any((page.plain_language, page.recording, page.whatsapp_template_state))
    with pytest.raises(NotPublishable):
        draft_of(page).check_publishable()


def test_blocks_of_a_page_that_are_not_translated_stay_empty() -> None:
    original = plain_page()
    translation_of(original, new_language()).save_target()
    body = draft_of(in_language(original, "om")).body
    assert [block.block_type for block in body] == [block.block_type for block in original.body]
    assert texts_of(draft_of(in_language(original, "om"))) == {}


def test_home_of_a_new_language_is_begun_as_a_draft() -> None:
    translation_of(find_message("MSG-GEN-1"), new_language()).save_target()
    home = HomePage.objects.get(locale__language_code="om")
    assert (home.live, home.alias_of, home.slug) == (False, None, "om")
    assert is_marked(home.title)
    assert home.translation_state == TranslationState.UNREVIEWED


def test_page_whose_title_nobody_has_translated_is_published_by_nobody() -> None:
    boss = User.objects.create_superuser("boss", "boss@waymark.example", "-")
    page = RoutePage.objects.filter(locale__language_code="en").first()
    translation_of(page, new_language()).save_target()
    row = in_language(page, "om")
    assert not row.permissions_for_user(boss).can_publish()
    url = reverse("wagtailadmin_pages:edit", args=[row.pk])
    fields = {"title": row.title, "slug": row.slug, "migration_route": row.migration_route_id}
    browser_of(boss).post(url, {**fields, "caution": "", "action-publish": "1"})
    assert not again(row).live


def test_translation_begun_by_a_machine_says_so() -> None:
    original = fact()
    translation = translation_of(original, new_language())
    remember(translation, {"statement": "Jecha maashinii"}, kind=MACHINE)
    translation.save_target()
    row = in_language(original, "om")
    assert row.translation_state == TranslationState.MACHINE
    assert draft_of(row).statement == "Jecha maashinii"
    remember(translation, {"statement": "Jecha namaa"}, kind=MANUAL)
    translation.save_target()
    assert again(row).translation_state == TranslationState.MACHINE


def test_localize_s_own_way_of_translating_ends_in_the_same_draft() -> None:
    original = fact()
    translate_object(original, [new_language()])
    row = in_language(original, "om")
    assert (row.live, row.statement) == (False, "")
    assert not Translation.objects.get(target_locale__language_code="om").enabled


def test_translations_keep_our_own_form() -> None:
    translation = translation_of(fact(), french())
    translation.enabled = True
    translation.save()
    assert not Translation.objects.get(pk=translation.pk).enabled


# ---- Languages ---------------------------------------------------------------------------------


def test_adding_a_language_makes_no_page() -> None:
    boss = browser_of(User.objects.create_superuser("boss", "boss@waymark.example", "-"))
    english = Locale.objects.get(language_code="en")
    before = live_words()
    shown = boss.get(reverse("wagtaillocales:add")).content.decode()
    assert "sync_from" not in shown
    component = "component-wagtail_localize_localesynchronization"
    boss.post(
        reverse("wagtaillocales:add"),
        {
            "language_code": "om",
            f"{component}-enabled": "on",
            f"{component}-sync_from": str(english.pk),
        },
    )
    assert Locale.objects.filter(language_code="om").exists()
    assert live_words() == before
    assert not LocaleSynchronization.objects.exists()
    assert all(component["model"] is not LocaleSynchronization for component in LOCALE_COMPONENTS)


@pytest.mark.parametrize("code", ["om", "wo", "ps", "ht"])
def test_every_content_language_may_be_added(code: str) -> None:
    boss = browser_of(User.objects.create_superuser("boss", "boss@waymark.example", "-"))
    assert f'value="{code}"' in boss.get(reverse("wagtaillocales:add")).content.decode()


# ---- The page on which a translation is begun ----------------------------------------------------


def test_translator_begins_only_her_own_languages(translator: User) -> None:
    new_language("om")
    new_language("sw")
    address = reverse("translate", args=["fact", "CM-R1"])
    browser = browser_of(translator)
    shown = browser.get(address + "?into=om").content.decode()
    assert 'value="om"' in shown
    assert "checked" in shown
    assert 'value="sw"' not in shown
    assert browser.post(address, {"into": ["sw"]}).status_code == 200
    assert in_language(fact(), "sw") is None
    response = browser.post(address, {"into": ["om"]})
    row = in_language(fact(), "om")
    assert response.status_code == 302
    assert str(row.pk) in response["Location"]
    assert not row.live
    assert row.latest_revision.user == translator


def test_nothing_is_begun_twice(translator: User) -> None:
    new_language("om")
    address = reverse("translate", args=["fact", "CM-R1"])
    browser = browser_of(translator)
    browser.post(address, {"into": ["om"]})
    assert "in every language that you write in" in browser.get(address).content.decode()
    browser.post(address, {"into": ["om"]})
    assert type(fact()).objects.filter(key="CM-R1", locale__language_code="om").count() == 1


def test_unknown_thing_has_no_page_to_begin_on(translator: User) -> None:
    for kind, key in (("fact", "NO-1"), ("nothing", "CM-R1"), ("route", "cmed")):
        assert browser_of(translator).get(reverse("translate", args=[kind, key])).status_code == 404


def test_outdated_translation_comes_back_as_the_draft_it_was() -> None:
    original = fact()
    translation_of(original, french())
    change_major(original, "Something else is true now.")
    before = texts_of(in_language(original, "fr"))
    translation = translation_of(again(original), french())
    translation.save_target()
    assert texts_of(draft_of(in_language(original, "fr"))) == before
