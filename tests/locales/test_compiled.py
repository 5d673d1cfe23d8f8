"""Compiling is asked for when a compiled catalogue is missing or old, and not otherwise."""

import os
from pathlib import Path

import pytest

from locales.compiled import FOLDER, find_stale
from locales.languages import CONTENT_LANGUAGES

ALL = [code for code in CONTENT_LANGUAGES if code != "en"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose catalogues are compiled."""
    for code in ALL:
        place = tmp_path / code / "LC_MESSAGES"
        place.mkdir(parents=True)
        (place / "django.mo").touch()
    source = tmp_path / "fr/LC_MESSAGES/django.po"
    source.touch()
    os.utime(source, (1, 1))
    return tmp_path


def test_nothing_is_stale_right_after_compiling(folder: Path) -> None:
    assert find_stale(folder) == []


def test_a_fresh_clone_has_nothing_compiled(tmp_path: Path) -> None:
    assert find_stale(tmp_path) == ALL


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "wo/LC_MESSAGES/django.mo").unlink()
    assert find_stale(folder) == ["wo"]


def test_a_changed_catalogue_asks_for_all_since_others_are_filled_up_from_it(folder: Path) -> None:
    later = (folder / "wo/LC_MESSAGES/django.mo").stat().st_mtime + 5
    os.utime(folder / "fr/LC_MESSAGES/django.po", (later, later))
    assert find_stale(folder) == ALL


def test_a_changed_table_of_languages_asks_for_all(folder: Path) -> None:
    before = (FOLDER / "languages.py").stat().st_mtime - 5
    for code in ALL:
        os.utime(folder / code / "LC_MESSAGES/django.mo", (before, before))
    assert find_stale(folder) == ALL
