"""Every text of the interface is found, translated and safe to show, without GNU gettext."""

import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest

from config.catalogs import (
    DRAFT,
    catalog_path,
    collect_messages,
    compile_catalog,
    find_problems,
    read_catalog,
    update_catalog,
)
from tests.config.catalogs import PYTHON, edit


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
    assert "#: cms/templatetags/reading.py\n" in text
    assert "Date" not in text
    assert "#. Translators: shown on the desk" in text


def test_a_new_catalogue_says_that_nobody_has_read_it_until_somebody_has(
    project: Path, french: Path
) -> None:
    messages = collect_messages(project, ["cms"])
    assert french.read_text(encoding="utf-8").startswith(f"{DRAFT}\n")
    assert update_catalog(french, "fr", messages) is False
    edit(french, lambda text: text.removeprefix(f"{DRAFT}\n"))
    assert update_catalog(french, "fr", messages) is False
    assert _problems(project, french) == []


def test_extracting_twice_changes_nothing(project: Path, french: Path) -> None:
    before = french.read_bytes()
    assert update_catalog(french, "fr", collect_messages(project, ["cms"])) is False
    assert french.read_bytes() == before


def test_a_line_that_moves_changes_nothing(project: Path, french: Path) -> None:
    lines = PYTHON.strip().splitlines()
    moved = "\n".join([lines[0], "\n\n", *reversed(lines[2:6]), *lines[6:]])
    assert moved.splitlines()[4:] != lines[2:]
    (project / "cms/templatetags/reading.py").write_text(moved, encoding="utf-8")
    assert update_catalog(french, "fr", collect_messages(project, ["cms"])) is False


def test_a_changed_text_asks_for_a_new_translation(project: Path, french: Path) -> None:
    edit(
        project / "cms/templatetags/reading.py",
        lambda text: text.replace("Leave this page", "Leave now"),
    )
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
    edit(french, lambda text: text.replace(old, new))
    problems = _problems(project, french)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_missing_catalogue_is_a_problem(project: Path) -> None:
    assert _problems(project, project / "locales/none.po") == ["there is no such file"]


def test_arabic_has_six_plural_forms_in_the_order_that_django_uses(project: Path) -> None:
    path = catalog_path(project / "locales", "ar")
    update_catalog(path, "ar", collect_messages(project, ["cms"]))
    numbers = {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 103: 3}
    edit(path, lambda text: re.sub(r'msgstr\[(\d)\] ""', r'msgstr[\1] "form \1"', text))
    words = GNUTranslations(BytesIO(compile_catalog(read_catalog(path, "ar"))))
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
    (project / "cms/templatetags/reading.py").write_text(
        'ngettext("One", "%(n)s of them", 1)', encoding="utf-8"
    )
    (project / "cms/templates/cms/page.html").unlink()
    path = catalog_path(project / "locales", "ar")
    messages = collect_messages(project, ["cms"])
    update_catalog(path, "ar", messages)
    for number, form in enumerate(forms):
        empty = re.compile(rf'(msgstr\[{number}\]) ""')
        path.write_text(empty.sub(rf'\1 "{form}"', path.read_text(encoding="utf-8")), "utf-8")
    assert (find_problems(path, "ar", messages) == []) is safe
