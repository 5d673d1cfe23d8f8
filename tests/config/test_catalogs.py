"""Every text of the interface is found, translated and safe to show, without GNU gettext."""

import re
from collections.abc import Callable
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import trans_real
from pytest_django import Settings

from config.catalogs import (
    catalog_path,
    collect_messages,
    compile_catalog,
    find_problems,
    update_catalog,
)

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

_("Leave this page")
gettext_lazy("Hello %(name)s")
ngettext("One message", "%(count)d messages", 3)
pgettext("verb", "Read")
# Translators: shown on the desk
_("{people} people")
print("never marked")
"""
TEMPLATE = """
{% load i18n %}<div>
    <p class="café">{% translate "Legal ways" %}</p>
  {% blocktranslate count n=places|length trimmed %}
      One place
    {% plural %}
      {{ n }} places
  {% endblocktranslate %}
 {{ name|default:_("nobody") }} {# Translators: a button #}
{% translate "Stop" context "button" %}
</div>
"""
FRENCH = {
    "Leave this page": "Quitter cette page",
    "Hello %(name)s": "Bonjour %(name)s",
    "Read": "Lire",
    "{people} people": "{people} personnes",
    "Legal ways": "Voies légales",
    "nobody": "personne",
    "Stop": "Arrêter",
}
FRENCH_PLURALS = {
    "%(count)d messages": ("Un message", "%(count)d messages"),
    "%(n)s places": ("Une place", "%(n)s places"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "cms/templates/cms").mkdir(parents=True)
    (tmp_path / "cms/views.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "cms/templates/cms/page.html").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "cms/notes.html").write_text('{% translate "no template" %}', encoding="utf-8")
    return tmp_path


@pytest.fixture
def french(project: Path) -> Path:
    """Return the path of a French catalogue that is complete."""
    path = catalog_path(project / "locales", "fr")
    update_catalog(path, "fr", collect_messages(project, ["cms"]))
    _edit(path, _translate)
    return path


def _edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def _translate(text: str) -> str:
    for source, translation in FRENCH.items():
        text = text.replace(
            f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{translation}"'
        )
    for source, forms in FRENCH_PLURALS.items():
        empty = f'msgid_plural "{source}"\nmsgstr[0] ""\nmsgstr[1] ""'
        filled = f'msgid_plural "{source}"\nmsgstr[0] "{forms[0]}"\nmsgstr[1] "{forms[1]}"'
        text = text.replace(empty, filled)
    return text


def _problems(project: Path, path: Path) -> list[str]:
    return find_problems(path, "fr", collect_messages(project, ["cms"]))


def test_texts_of_python_and_templates_are_found(project: Path) -> None:
    found = {(message.id, message.context) for message in collect_messages(project, ["cms"])}
    assert found == {
        ("", None),
        ("Leave this page", None),
        ("Hello %(name)s", None),
        (("One message", "%(count)d messages"), None),
        ("Read", "verb"),
        ("{people} people", None),
        ("Legal ways", None),
        (("One place", "%(n)s places"), None),
        ("nobody", None),
        ("Stop", "button"),
    }


def test_a_catalogue_holds_no_date_and_no_line_number(french: Path) -> None:
    text = french.read_text(encoding="utf-8")
    assert "#: cms/views.py\n" in text
    assert "Date" not in text
    assert "#. Translators: shown on the desk" in text


def test_extracting_twice_changes_nothing(project: Path, french: Path) -> None:
    before = french.read_bytes()
    assert update_catalog(french, "fr", collect_messages(project, ["cms"])) is False
    assert french.read_bytes() == before


def test_a_line_that_moves_changes_nothing(project: Path, french: Path) -> None:
    lines = PYTHON.strip().splitlines()
    moved = "\n".join([lines[0], "\n\n", *reversed(lines[2:6]), *lines[6:]])
    assert moved.splitlines()[4:] != lines[2:]
    (project / "cms/views.py").write_text(moved, encoding="utf-8")
    assert update_catalog(french, "fr", collect_messages(project, ["cms"])) is False


def test_a_changed_text_asks_for_a_new_translation(project: Path, french: Path) -> None:
    _edit(project / "cms/views.py", lambda text: text.replace("Leave this page", "Leave now"))
    update_catalog(french, "fr", collect_messages(project, ["cms"]))
    assert "Quitter cette page" not in french.read_text(encoding="utf-8")
    assert "Bonjour" in french.read_text(encoding="utf-8")
    assert _problems(project, french) == ["“Leave now” is not translated"]


def test_a_complete_catalogue_has_no_problems(project: Path, french: Path) -> None:
    assert _problems(project, french) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"Lire"', '""', "“Read” is not translated"),
        ('"Une place"', '""', "“One place” is not translated"),
        ('msgid "nobody"', 'msgid "no one"', "“nobody” is missing: run `translations extract`"),
        ('msgid "nobody"', '#, fuzzy\nmsgid "nobody"', "“nobody” is marked fuzzy"),
        ("Bonjour %(name)s", "Bonjour", "“Hello %(name)s” has other placeholders"),
        ("Bonjour %(name)s", "Bonjour %(nom)s", "“Hello %(name)s” has other placeholders"),
        ("{people} personnes", "{gens} personnes", "“{people} people” has other placeholders"),
        ('"%(n)s places"\n\n', '"des places"\n\n', "“One place” has other placeholders"),
        ("plural=(n > 1)", "plural=(n >", "it does not compile"),
        ('msgstr "Lire"', 'msgstr "Lire', "it does not compile"),
    ],
)
def test_each_problem_is_named(
    project: Path, french: Path, old: str, new: str, problem: str
) -> None:
    assert old in french.read_text(encoding="utf-8")
    _edit(french, lambda text: text.replace(old, new))
    problems = _problems(project, french)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_missing_catalogue_is_a_problem(project: Path) -> None:
    assert _problems(project, project / "locales/none.po") == ["there is no such file"]


def test_arabic_has_six_plural_forms_in_the_order_that_django_uses(project: Path) -> None:
    path = catalog_path(project / "locales", "ar")
    update_catalog(path, "ar", collect_messages(project, ["cms"]))
    numbers = {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 103: 3}
    _edit(path, lambda text: re.sub(r'msgstr\[(\d)\] ""', r'msgstr[\1] "form \1"', text))
    with compile_catalog(path, "ar").open("rb") as compiled:
        words = GNUTranslations(compiled)
    forms = {n: words.ngettext("One place", "%(n)s places", n) for n in numbers}
    assert forms == {n: f"form {form}" for n, form in numbers.items()}
    assert update_catalog(path, "ar", collect_messages(project, ["cms"])) is False


@pytest.mark.parametrize(
    ("forms", "safe"),
    [
        (("لا", "واحد", "اثنان", "%(n)s", "%(n)s", "%(n)s"), True),
        (("لا", "واحد", "اثنان", "%(n)s", "كثير", "%(n)s"), False),
        (("%(x)s", "واحد", "اثنان", "%(n)s", "%(n)s", "%(n)s"), False),
    ],
)
def test_only_the_smallest_numbers_may_be_left_out_in_arabic(
    project: Path, forms: tuple[str, ...], *, safe: bool
) -> None:
    (project / "cms/views.py").write_text('ngettext("One", "%(n)s of them", 1)', encoding="utf-8")
    (project / "cms/templates/cms/page.html").unlink()
    path = catalog_path(project / "locales", "ar")
    messages = collect_messages(project, ["cms"])
    update_catalog(path, "ar", messages)
    for number, form in enumerate(forms):
        empty = re.compile(rf'(msgstr\[{number}\]) ""')
        path.write_text(empty.sub(rf'\1 "{form}"', path.read_text(encoding="utf-8")), "utf-8")
    assert (find_problems(path, "ar", messages) == []) is safe


def test_a_compiled_catalogue_can_be_read(french: Path) -> None:
    with compile_catalog(french, "fr").open("rb") as compiled:
        words = GNUTranslations(compiled)
    assert words.gettext("Legal ways") == "Voies légales"
    assert words.pgettext("button", "Stop") == "Arrêter"
    assert words.ngettext("One place", "%(n)s places", 2) == "%(n)s places"


def test_django_speaks_what_the_command_compiled(
    project: Path, french: Path, settings: Settings
) -> None:
    settings.BASE_DIR = project
    settings.LOCALE_PATHS = [project / "locales"]
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]
    call_command("translations", "compile")
    assert trans_real.DjangoTranslation("fr").gettext("Legal ways") == "Voies légales"


def test_the_command_makes_the_catalogues_and_then_wants_them_translated(
    project: Path, settings: Settings
) -> None:
    settings.BASE_DIR = project
    settings.LOCALE_PATHS = [project / "locales"]
    with pytest.raises(CommandError, match=r"fr/LC_MESSAGES/django\.po: there is no such file"):
        call_command("translations", "compile")
    call_command("translations", "extract")
    assert not catalog_path(project / "locales", "en").exists()
    with pytest.raises(CommandError) as failure:
        call_command("translations", "check")
    assert "fr/LC_MESSAGES/django.po: “Legal ways” is not translated" in str(failure.value)
    assert "ar/LC_MESSAGES/django.po: “Legal ways” is not translated" in str(failure.value)


def test_the_command_names_a_file_it_cannot_compile(
    project: Path, french: Path, settings: Settings
) -> None:
    settings.BASE_DIR = project
    settings.LOCALE_PATHS = [project / "locales"]
    _edit(french, lambda text: text.replace('msgstr "Lire"', 'msgstr "Lire'))
    for action in ("extract", "compile", "check"):
        with pytest.raises(CommandError, match=r"fr/LC_MESSAGES/django\.po"):
            call_command("translations", action)
