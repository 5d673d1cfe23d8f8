"""A message becomes the very text that would go out."""

import pytest

from cms.models import MessagePage, TranslationState
from cms.rendering import UnknownChannel, editions_of, render
from cms.starter.reading import Pack
from locales.languages import READER_LANGUAGES
from tests.cms.finding import find_message

PUBLIC = "https://waymark.example"
CHANNELS = ("sms", "whatsapp")


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_link_leads_to_the_page_in_the_texts_own_language(starter: Pack, language: str) -> None:
    message = find_message("MSG-GEN-1", language)
    text = render(message, channel="sms", public_url=f"{PUBLIC}/").text
    assert f"{PUBLIC}/r/{message.code}" in text
    assert "{" not in text


def test_rendition_names_language_revision_and_review(starter: Pack) -> None:
    english = find_message("MSG-WA-1")
    rendition = render(english, channel="sms", public_url=PUBLIC)
    assert rendition.text == english.sms_text
    assert rendition.revision == english.live_revision_id
    assert rendition.reviewed
    assert not render(find_message("MSG-WA-1", "fr"), channel="sms", public_url=PUBLIC).reviewed


def test_template_stands_only_where_whatsapp_needs_one(starter: Pack) -> None:
    nudge = find_message("MSG-GEN-1")
    assert render(nudge, channel="whatsapp", public_url=PUBLIC).template_name == "msg_gen_1"
    assert render(nudge, channel="sms", public_url=PUBLIC).template_name == ""
    answer = render(find_message("MSG-WA-1"), channel="whatsapp", public_url=PUBLIC)
    assert (answer.template_name, answer.category) == ("", "")


def test_editors_template_name_goes_before_the_made_one(starter: Pack) -> None:
    nudge = find_message("MSG-GEN-1")
    nudge.whatsapp_template_name = "ready_v2"
    assert render(nudge, channel="whatsapp", public_url=PUBLIC).template_name == "ready_v2"


def test_editions_are_every_live_language_and_channel_source_first(starter: Pack) -> None:
    editions = editions_of(find_message("MSG-GEN-1", "ar"), channels=CHANNELS, public_url=PUBLIC)
    languages = ["en", *sorted(set(READER_LANGUAGES) - {"en"})]
    assert [(edition.language, edition.channel) for edition in editions] == [
        (language, channel) for language in languages for channel in ("sms", "whatsapp")
    ]
    assert {edition.message_key for edition in editions} == {"MSG-GEN-1"}


def test_language_without_a_text_or_unpublished_has_no_edition(starter: Pack) -> None:
    MessagePage.objects.filter(pk=find_message("MSG-GEN-1", "fr").pk).update(sms_text="")
    find_message("MSG-GEN-1", "ar").unpublish()
    editions = editions_of(find_message("MSG-GEN-1"), channels=("sms",), public_url=PUBLIC)
    assert {edition.language for edition in editions} == set(READER_LANGUAGES) - {"fr", "ar"}


def test_channel_that_is_not_ours_is_refused(starter: Pack) -> None:
    with pytest.raises(UnknownChannel):
        render(find_message("MSG-GEN-1"), channel="telegram", public_url=PUBLIC)


def test_unpublished_change_is_not_rendered(starter: Pack) -> None:
    message = find_message("MSG-GEN-1")
    message.sms_text = "Not yet published."
    message.save_revision()
    fresh = find_message("MSG-GEN-1")
    assert "Not yet" not in render(fresh, channel="sms", public_url=PUBLIC).text


def test_copy_made_for_translation_is_unreviewed_and_has_a_code_of_its_own(starter: Pack) -> None:
    source = find_message("MSG-GEN-1")
    find_message("MSG-GEN-1", "fr").delete()
    french = find_message("MSG-CM-1", "fr").locale
    copy = source.copy_for_translation(french)
    assert copy.translation_state == TranslationState.UNREVIEWED
    assert copy.key == source.key
    assert copy.code not in {"", source.code}


def test_plain_copy_gets_a_code_and_key_of_its_own(starter: Pack) -> None:
    source = find_message("MSG-GEN-1")
    copy = source.copy(update_attrs={"slug": "another"}, keep_live=False)
    assert copy.code != source.code
    assert copy.key != source.key
    assert copy.translation_state == TranslationState.ORIGINAL
