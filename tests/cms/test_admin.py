"""What the editor meets in the CMS."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from cms.models import ContactPoint, Fact
from cms.models.codes import CommaSeparated
from cms.rights import Role
from cms.roles import ensure_roles
from cms.starter.reading import Pack
from tests.cms.finding import find_message

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture
def editor(starter: Pack) -> Client:
    person = get_user_model().objects.create_user("editor", "editor@example.org", "-")
    person.groups.add(ensure_roles()[Role.EDITORS])
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def see(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("model", ["fact", "pathway", "claim", "contactpoint"])
def test_list_shows_language_freshness_and_translation(editor: Client, model: str) -> None:
    text = see(editor, reverse(f"wagtailsnippets_cms_{model}:list"))
    for words in ("Freshness", "Harm", "Language", "up to date", "machine-made"):
        assert words in text


@pytest.mark.parametrize("model", ["source", "route"])
def test_sources_and_routes_are_listed(editor: Client, model: str) -> None:
    assert see(editor, reverse(f"wagtailsnippets_cms_{model}:list"))


def test_draft_translation_says_so_before_anything_else(editor: Client) -> None:
    words = "This translation is a draft and nobody has checked it yet"
    arabic = find_message("MSG-GEN-1", "ar")
    assert words in see(editor, reverse("wagtailadmin_pages:edit", args=[arabic.pk]))
    english = find_message("MSG-GEN-1")
    assert words not in see(editor, reverse("wagtailadmin_pages:edit", args=[english.pk]))


def test_message_shows_how_many_parts_its_sms_takes(editor: Client) -> None:
    for language, parts in (("en", "1 SMS part."), ("ar", "2 SMS parts.")):
        page = find_message("MSG-GEN-1", language)
        assert parts in see(editor, reverse("wagtailadmin_pages:edit", args=[page.pk]))


def test_editor_can_not_clear_a_message_for_real_people(editor: Client) -> None:
    text = see(editor, reverse("wagtailadmin_pages:edit", args=[find_message("MSG-GEN-1").pk]))
    assert 'name="sendable"' not in text
    assert 'name="translation_state"' not in text


@pytest.mark.parametrize("model", [Fact, ContactPoint])
def test_entry_opens_with_its_boxes_filled(editor: Client, model: type[Fact]) -> None:
    entry = model.objects.filter(locale__language_code="en").exclude(countries=[]).first()
    assert entry is not None
    name = f"wagtailsnippets_cms_{model._meta.model_name}:edit"
    text = see(editor, reverse(name, args=[entry.pk]))
    assert f'value="{", ".join(entry.countries)}"' in text


def test_codes_are_typed_with_commas_and_kept_as_a_list() -> None:
    field = CommaSeparated(required=False)
    assert field.clean("LY, TN,") == ["LY", "TN"]
    assert field.clean("") == []
    assert field.prepare_value(["LY", "TN"]) == "LY, TN"
    assert not field.has_changed(["LY"], "LY")
