"""A story is told while its person agrees, and nowhere a moment longer."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Locale, Revision

from cms.consents import AlreadyWithdrawn, uses_of_consent, withdraw
from cms.models import Act, MessagePage, Recording, Review, RoutePage, Story, StoryConsent
from cms.models.changes import update_content
from cms.models.reviews import NotPublishable
from cms.models.stories import ConsentScope, refuse_untold
from cms.rights import Role
from cms.roles import ensure_roles
from tests.cms.finding import find_message
from tests.cms.reading import read
from tests.cms.telling import SCOPES, make_consent, tell_story, translate_story

pytestmark = pytest.mark.usefixtures("starter")

WORDS = "I waited three nights at the well."
TOLD = "Told by a person who agreed that it is shared here."


@pytest.fixture
def editor() -> Any:
    person = get_user_model().objects.create_user("editor", "editor@example.org", "-")
    person.groups.add(ensure_roles()[Role.EDITORS])
    return person


@pytest.fixture
def desk(editor: Any) -> Client:
    client = Client()
    client.force_login(editor, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def story(today: date) -> Story:
    return tell_story(today=today, statement=WORDS)


def use(story: Story, *languages: str) -> list[MessagePage]:
    """Let a message use a story; return its pages in some languages."""
    page = find_message("MSG-CM-1")
    page.stories = [story]
    page.save()
    return [find_message("MSG-CM-1", language) for language in languages]


def is_live(rows: Iterable[Any]) -> list[bool]:
    return [type(row).objects.get(pk=row.pk).live for row in rows]


# ---- Readers -----------------------------------------------------------------------------------


def test_story_stands_on_the_page_of_its_route(reader: Client, story: Story) -> None:
    overview = read(reader, "/en/cmed/")
    assert overview.index("/en/cmed/claims/") < overview.index("/en/cmed/stories/")
    text = read(reader, "/en/cmed/stories/")
    for words in (WORDS, "What people lived through", "Mariam", TOLD):
        assert words in text
    assert WORDS not in read(reader, "/en/hoa-east/stories/")


def test_story_of_a_leg_stands_on_the_page_of_its_route(reader: Client, story: Story) -> None:
    leg = story.routes.get().legs.first()
    story.routes, story.legs = [], [leg]
    story.save()
    assert WORDS in read(reader, "/en/cmed/stories/")


def test_story_is_read_in_ones_own_language_or_marked(reader: Client, story: Story) -> None:
    assert f'<span lang="en" dir="ltr">{WORDS}</span>' in read(reader, "/ar/cmed/stories/")
    translate_story(story, "ar", statement="انتظرت ثلاث ليال.")
    text = read(reader, "/ar/cmed/stories/")
    assert "انتظرت ثلاث ليال." in text
    assert WORDS not in text


@pytest.mark.parametrize(
    "change",
    [
        {"withdrawn_at": timezone.now()},
        {"of_age": False},
        {"scope": ["messages", "audio"]},
        {"scope": []},
    ],
)
def test_story_without_a_yes_is_not_shown_even_while_it_is_live(
    reader: Client, story: Story, change: dict[str, Any]
) -> None:
    assert WORDS in read(reader, "/en/cmed/stories/")
    assert WORDS in read(reader, "/en/story/cm-s1/")
    update_content(StoryConsent.objects.all(), **change)
    assert Story.objects.get(pk=story.pk).live
    assert WORDS not in read(reader, "/en/cmed/stories/")
    assert "/en/cmed/stories/" not in read(reader, "/en/cmed/")
    assert reader.get("/en/story/cm-s1/").status_code == 404


def test_story_is_in_a_message_only_if_the_person_agreed_to_messages(
    reader: Client, story: Story
) -> None:
    (page,) = use(story, "en")
    assert WORDS in read(reader, f"/en/{page.slug}/")
    update_content(StoryConsent.objects.all(), scope=["web"])
    assert WORDS not in read(reader, f"/en/{page.slug}/")
    assert WORDS in read(reader, "/en/cmed/stories/")


def test_story_has_a_page_of_its_own_in_every_language(reader: Client, story: Story) -> None:
    text = read(reader, "/ar/story/cm-s1/")
    assert '<html lang="ar" dir="rtl">' in text
    assert f'<span lang="en" dir="ltr">{WORDS}</span>' in text
    assert text.count('class="note"') == 2  # shown in English, and a demonstration
    assert 'href="/fr/story/cm-s1/"' in text
    assert '<a href="/ar/cmed/">' in text
    translate_story(story, "ar", statement="انتظرت ثلاث ليال.")
    assert "انتظرت ثلاث ليال." in read(reader, "/ar/story/cm-s1/")


@pytest.mark.parametrize("path", ["/en/story/cm-s2/", "/en/story/CM-S1/", "/xx/story/cm-s1/"])
def test_unknown_story_is_not_found(reader: Client, story: Story, path: str) -> None:
    assert reader.get("/en/story/cm-s1/").status_code == 200
    assert reader.get(path).status_code == 404


def test_recording_says_its_length_and_size_before_it_is_tapped(
    reader: Client, story: Story
) -> None:
    story.recording = Recording.objects.create(
        title="x", language="en", file="recordings/x.opus", seconds=80, size=210_400,
        transcript="I waited.", voice_agreed=True,
    )  # fmt: skip
    story.save()
    text = read(reader, "/en/story/cm-s1/")
    words = text.index("Listen: 1 min 20 s · <bdi>210 KB</bdi>")
    assert words < text.index('<audio controls preload="none"')
    assert "There is no recording of this page." not in text


# ---- Publishing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"withdrawn_at": timezone.now()}, "a new consent"),
        ({"of_age": False}, "record a new consent that says so"),
        ({"scope": ["audio"]}, "record the answer as a new consent"),
    ],
)
@pytest.mark.parametrize("by", [True, False])
def test_story_without_a_yes_can_not_be_published(
    story: Story, editor: Any, fields: dict[str, Any], words: str, by: bool
) -> None:
    story.unpublish()
    StoryConsent.objects.update(**fields)
    revision = story.save_revision(clean=False)
    with pytest.raises(NotPublishable, match=words):
        revision.publish(user=editor if by else None)
    assert is_live([story]) == [False]
    with pytest.raises(ValidationError, match=words) as caught:
        Story.objects.get(pk=story.pk).full_clean()
    assert "consent" in caught.value.message_dict


def test_voice_needs_a_yes_of_its_own(story: Story) -> None:
    story.recording = Recording.objects.create(title="x", language="en", file="recordings/x.mp3")
    story.consent.scope = ["web", "messages"]
    with pytest.raises(NotPublishable, match="Take the recording out"):
        story.check_publishable()
    story.consent.scope = SCOPES
    story.check_publishable()


def test_message_with_a_story_that_may_not_be_told_can_not_be_published(
    story: Story, editor: Any
) -> None:
    (page,) = use(story, "fr")
    StoryConsent.objects.update(scope=["web"])
    with pytest.raises(NotPublishable, match=r"Take the story CM-S1 .* did not agree to text in"):
        page.save_revision().publish(user=editor)


@given(
    scope=st.lists(st.sampled_from(ConsentScope.values), unique=True),
    of_age=st.booleans(),
    withdrawn=st.booleans(),
)
def test_nothing_is_told_without_an_adults_standing_yes(
    scope: list[str], of_age: bool, withdrawn: bool
) -> None:
    consent = StoryConsent(
        scope=scope, of_age=of_age, withdrawn_at=timezone.now() if withdrawn else None
    )
    stands = of_age and not withdrawn
    assert bool(consent.why_not()) != (stands and bool({"web", "messages"} & set(scope)))
    for wanted in ConsentScope:
        assert consent.covers(wanted) == (stands and wanted.value in scope)
    may_be_sent = stands and "messages" in scope
    with nullcontext() if may_be_sent else pytest.raises(NotPublishable, match="Take the story S"):
        refuse_untold([Story(key="S", consent=consent)])


# ---- Withdrawing -------------------------------------------------------------------------------


def test_withdrawal_takes_every_use_down_at_once(reader: Client, story: Story, editor: Any) -> None:
    french = translate_story(story, "fr", statement="J'ai attendu.")
    pages = use(story, "en", "fr", "ar")
    other = find_message("MSG-CM-2")
    now = timezone.now()
    taken = withdraw(story.consent, by=editor, now=now)
    assert {row.pk for row in taken if isinstance(row, Story)} == {story.pk, french.pk}
    assert not any(is_live([story, french, *pages]))
    assert is_live([other]) == [True]
    assert (story.consent.withdrawn_at, story.consent.withdrawn_by) == (now, editor)
    for path in ("/en/cmed/stories/", "/fr/cmed/stories/"):
        assert "I waited" not in read(reader, path)
    assert reader.get(f"/en/{pages[0].slug}/").status_code == 404


def test_withdrawal_is_recorded_for_each_thing(story: Story, editor: Any) -> None:
    use(story)
    live = uses_of_consent(story.consent).live
    withdraw(story.consent, by=editor, now=timezone.now())
    noted = Review.objects.filter(act=Act.WITHDRAWN, by=editor)
    assert noted.count() == len(live) + 1
    assert {(act.key, act.language) for act in noted} >= {
        (row.key, row.locale.language_code) for row in live
    }
    assert len(live) > 8


def test_withdrawal_also_takes_down_whoever_uses_the_voice(story: Story, editor: Any) -> None:
    recording = Recording.objects.create(title="x", language="en", file="recordings/x.mp3")
    Story.objects.filter(pk=story.pk).update(recording=recording)
    page = find_message("MSG-CM-2")
    MessagePage.objects.filter(pk=page.pk).update(recording=recording)
    withdraw(story.consent, by=editor, now=timezone.now())
    assert is_live([page]) == [False]


def test_withdrawal_calls_off_what_waits_for_its_day(story: Story, editor: Any) -> None:
    later = timezone.now() + timedelta(days=2)
    (page,) = use(story, "en")
    for row in (Story.objects.get(pk=story.pk), page):
        row.go_live_at = later
        row.save_revision().publish()
    assert Revision.objects.filter(approved_go_live_at=later).count() == 2
    withdraw(story.consent, by=editor, now=timezone.now())
    assert not Revision.objects.filter(approved_go_live_at__isnull=False).exists()


def test_second_withdrawal_leaves_the_first_as_it_was(story: Story, editor: Any) -> None:
    now = timezone.now()
    withdraw(story.consent, by=editor, now=now)
    with pytest.raises(AlreadyWithdrawn):
        withdraw(story.consent, by=editor, now=now + timedelta(days=1))
    assert StoryConsent.objects.get().withdrawn_at == now


@pytest.mark.database
def test_withdrawal_that_fails_halfway_changes_nothing(
    story: Story, editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = use(story, "en")

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("cms.consents.UnpublishPageAction", fail)
    with pytest.raises(RuntimeError):
        withdraw(story.consent, by=editor, now=timezone.now())
    assert is_live([story, page]) == [True, True]
    assert StoryConsent.objects.get().withdrawn_at is None
    assert not Review.objects.exists()


def test_uses_of_a_consent_are_every_language_of_them_and_no_others(
    story: Story, today: date
) -> None:
    french = translate_story(story, "fr")
    tell_story(today=today, key="CM-S2")
    pages = use(story, "en", "ar")
    uses = uses_of_consent(story.consent)
    assert set(uses.stories) == {story, french}
    assert set(pages) <= set(uses.messages)
    assert {message.key for message in uses.messages} == {"MSG-CM-1"}
    slugs = RoutePage.objects.filter(slug="cmed", live=True)
    assert set(uses.pages) == set(slugs)


# ---- In the CMS --------------------------------------------------------------------------------

WITHDRAW = "wagtailsnippets_cms_storyconsent:withdraw"


def test_page_shows_exactly_what_goes_down_and_asks(desk: Client, story: Story) -> None:
    use(story)
    answer = desk.get(reverse(WITHDRAW, args=[story.consent.pk]))
    text = answer.content.decode()
    for row in uses_of_consent(story.consent).live:
        assert row.title in text
        assert reverse(
            "wagtailadmin_pages:edit" if isinstance(row, MessagePage) else
            "wagtailsnippets_cms_story:edit", args=[row.pk]
        ) in text  # fmt: skip
    assert "This can not be undone" in text
    assert is_live([story]) == [True]


def test_editor_withdraws_and_is_told_how_much_went_down(desk: Client, story: Story) -> None:
    address = reverse(WITHDRAW, args=[story.consent.pk])
    answer = desk.post(address, follow=True)
    assert "Texts taken down: 1." in answer.content.decode()
    assert is_live([story]) == [False]
    assert "This consent was withdrawn on" in desk.get(address).content.decode()
    again = desk.post(address, follow=True)
    assert "This consent had been withdrawn before." in again.content.decode()


def test_list_and_form_lead_to_withdrawing_until_it_is_done(desk: Client, story: Story) -> None:
    address = reverse(WITHDRAW, args=[story.consent.pk])
    places = [
        reverse("wagtailsnippets_cms_storyconsent:list"),
        reverse("wagtailsnippets_cms_storyconsent:edit", args=[story.consent.pk]),
    ]
    for place in places:
        assert address in desk.get(place).content.decode()
    desk.post(address)
    for place in places:
        assert address not in desk.get(place).content.decode()


def test_only_an_editor_can_withdraw(reader: Client, story: Story, editor: Any) -> None:
    address = reverse(WITHDRAW, args=[story.consent.pk])
    assert reader.post(address)["Location"].startswith("/accounts/login/")
    editor.groups.set([ensure_roles()[Role.REVIEWERS]])
    client = Client()
    client.force_login(editor, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(address)
    assert is_live([story]) == [True]


def form_of(consent: StoryConsent, **changes: Any) -> dict[str, Any]:
    return {
        "reference": consent.reference,
        "given_on": "2026-10-01",
        "how": "written",
        "scope": consent.scope,
        "wording": "Read out.",
        "of_age": "on",
        **changes,
    }


def test_new_consent_notes_who_recorded_it(desk: Client, editor: Any) -> None:
    fields = form_of(StoryConsent(reference="P-99", scope=["web"]))
    desk.post(reverse("wagtailsnippets_cms_storyconsent:add"), fields)
    assert StoryConsent.objects.get(reference="P-99").recorded_by == editor


def test_withdrawn_consent_can_not_be_changed(desk: Client, editor: Any) -> None:
    consent = make_consent()
    withdraw(consent, by=editor, now=timezone.now())
    address = reverse("wagtailsnippets_cms_storyconsent:edit", args=[consent.pk])
    answer = desk.post(address, form_of(consent, wording="Changed."))
    assert "has been withdrawn and can not be changed" in answer.content.decode()
    consent.refresh_from_db()
    assert consent.wording == "Read out."


def test_editor_writes_a_story_and_reads_why_it_is_refused(desk: Client, today: date) -> None:
    child = make_consent("P-1", of_age=False)
    fields = {
        "key": "CM-S9", "title": "x", "told_as": "Ali", "statement": WORDS, "consent": child.pk,
        "review_by": today + timedelta(days=9), "harm_class": "medium", "change_kind": "major",
        "countries": "", "sensitive_in": "", "caution": "", "confidence": "",
        "as_of_precision": "",
    }  # fmt: skip
    address = reverse("wagtailsnippets_cms_story:add")
    answer = desk.post(address, fields)
    assert "Stories of children are not" in answer.content.decode()
    assert not Story.objects.exists()
    answer = desk.post(address, fields | {"consent": make_consent("P-2").pk})
    assert answer.status_code == 302, answer.context["form"].errors
    story = Story.objects.get()
    assert (story.live, story.locale) == (False, Locale.objects.get(language_code="en"))
