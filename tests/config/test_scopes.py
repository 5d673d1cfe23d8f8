"""Which texts a catalogue holds, and that the command keeps each language to its own."""

from pathlib import Path

import pytest
from django.conf import settings as loaded
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config.catalogs import catalog_path, collect_messages, find_problems, update_catalog
from config.scopes import EVERYTHING, READERS, SCOPES
from locales.languages import CONTENT_LANGUAGES, INTERFACE_LANGUAGES, READER_LANGUAGES
from tests.config.catalogs import edit

DESK = '_("Broadcasts")\n'


@pytest.fixture
def house(project: Path, settings: Settings) -> Path:
    """Return a project with texts of the desk too, which the settings point at."""
    (project / "campaigns").mkdir()
    (project / "campaigns/views.py").write_text(DESK, encoding="utf-8")
    settings.BASE_DIR = project
    settings.LOCALE_PATHS = [project / "locales"]
    return project


def test_interface_is_whole_and_every_other_catalogue_is_the_readers() -> None:
    assert {code for code, scope in SCOPES.items() if scope is EVERYTHING} == {"fr", "ar", "es"}
    assert {code for code, scope in SCOPES.items() if scope is READERS} == {"so", "ha", "am", "ti"}
    assert set(INTERFACE_LANGUAGES) < set(READER_LANGUAGES) < set(CONTENT_LANGUAGES)


@pytest.mark.parametrize("place", READERS.within)
def test_places_of_the_readers_texts_exist(place: str) -> None:
    assert (Path(loaded.BASE_DIR) / place).exists()


@pytest.mark.parametrize(
    ("path", "is_held"),
    [
        ("cms/templates/cms/base.html", True),
        ("cms/templates/cms/blocks/points.html", True),
        ("cms/templates/cms/panels/parts.html", False),
        ("cms/templates/cms/admin/queue.html", False),
        ("cms/templatetags/reading.py", True),
        ("cms/models/facts.py", False),
        ("messaging/notifying/telling.py", True),
        ("messaging/models/consent.py", True),
        ("messaging/models/inbound.py", False),
        ("campaigns/reading/forms.py", True),
        ("campaigns/templates/campaigns/join.html", True),
        ("campaigns/templates/desk/assist.html", False),
        ("campaigns/templates/desk/base.html", False),
    ],
)
def test_readers_scope_is_what_readers_and_recipients_see(path: str, *, is_held: bool) -> None:
    assert READERS.holds(path) is is_held
    assert EVERYTHING.holds(path)


def test_extract_gives_each_catalogue_the_messages_of_its_scope(house: Path) -> None:
    call_command("translations", "extract")
    assert not catalog_path(house / "locales", "en").exists()
    for code, scope in SCOPES.items():
        text = catalog_path(house / "locales", code).read_text(encoding="utf-8")
        assert 'msgid "Legal ways"' in text
        assert ('msgid "Broadcasts"' in text) is (scope is EVERYTHING)


def test_check_names_what_a_language_misses_of_its_scope_only(house: Path) -> None:
    call_command("translations", "extract")
    with pytest.raises(CommandError) as failure:
        call_command("translations", "check")
    said = str(failure.value)
    for code in SCOPES:
        assert f"{code}/LC_MESSAGES/django.po: “Legal ways” is not translated" in said
    assert "es/LC_MESSAGES/django.po: “Broadcasts” is not translated" in said
    assert "so/LC_MESSAGES/django.po: “Broadcasts”" not in said


def test_new_text_for_readers_is_a_named_problem_in_a_readers_catalogue(house: Path) -> None:
    path = catalog_path(house / "locales", "so")
    update_catalog(path, "so", collect_messages(house, ["cms"], READERS))
    edit(path, lambda text: text.replace('"Legal ways"\nmsgstr ""', '"Legal ways"\nmsgstr "x"'))
    page = house / "cms/templates/cms/page.html"
    edit(page, lambda text: text + '{% translate "Listen" %}')
    problems = find_problems(path, "so", collect_messages(house, ["cms"], READERS))
    assert "“Listen” is missing: run `translations extract`" in problems
    assert not [problem for problem in problems if "Legal ways" in problem]


def test_the_command_wants_the_catalogues_that_we_keep(house: Path) -> None:
    with pytest.raises(CommandError, match=r"fr/LC_MESSAGES/django\.po: there is no such file"):
        call_command("translations", "compile")
    with pytest.raises(CommandError, match=r"ti/LC_MESSAGES/django\.po: there is no such file"):
        call_command("translations", "check")


def test_the_command_names_a_file_it_cannot_read(house: Path, french: Path) -> None:
    edit(french, lambda text: text.replace('msgstr "Lire"', 'msgstr "Lire'))
    for action in ("extract", "compile", "check"):
        with pytest.raises(CommandError, match=r"fr/LC_MESSAGES/django\.po"):
            call_command("translations", action)
