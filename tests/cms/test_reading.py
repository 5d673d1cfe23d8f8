"""A starter pack that is wrong says where, and nothing is written."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from cms.models import LoadedEntry, Source
from cms.starter.reading import DATA, Pack, StarterError, read_pack
from cms.starter.specs import SPECS
from locales.languages import READER_LANGUAGES

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def spoil(tmp_path: Path) -> Callable[[str, Edit], Path]:
    """Copy the pack and spoil one file of it."""

    def make(name: str, edit: Edit) -> Path:
        folder = tmp_path / "pack"
        shutil.copytree(DATA, folder)
        path = folder / name
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        edit(document)
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return folder

    return make


def entry(document: dict[str, Any], file: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in document[file] if row["id"] == key)
    return found


@pytest.mark.parametrize(
    ("file", "key", "field", "value"),
    [
        ("facts", "CM-R1", "review_by", "next spring"),
        ("facts", "CM-R1", "kind", "rumour"),
        ("facts", "CM-R1", "topics", ["sharks"]),
        ("facts", "CM-R1", "countries", [False]),
        ("facts", "CM-R1", "statement", None),
        ("facts", "CM-R1", "value", "many"),
        ("facts", "CM-R1", "sources", ["src-nobody"]),
        ("facts", "CM-R1", "sendable", True),
        ("facts", "CM-R1", "colour", "red"),
        ("contact_points", "CM-K1", "languages", ["xx"]),
        ("contact_points", "CM-K1", "url", "help.example"),
        ("contact_points", "CM-K1", "result", "maybe"),
        ("claims", "CM-C1", "facts", ["CM-R99"]),
        ("pathways", "CM-P1", "partner_safety", "no"),
        ("messages", "MSG-CM-1", "expires", None),
    ],
)
def test_wrong_field_is_named_with_its_file_and_id(
    spoil: Callable[[str, Edit], Path], file: str, key: str, field: str, value: Any
) -> None:
    folder = spoil(
        f"{file}.yaml", lambda document: entry(document, file, key).update({field: value})
    )
    with pytest.raises(StarterError) as caught:
        read_pack(folder)
    assert str(caught.value).startswith(f"{file}.yaml, {key}, {field} ")


def test_wrong_leg_is_named_with_its_place_in_the_list(
    spoil: Callable[[str, Edit], Path],
) -> None:
    folder = spoil(
        "routes.yaml",
        lambda document: entry(document, "routes", "cmed")["legs"][1].update(role="guide"),
    )
    with pytest.raises(StarterError, match=r"routes\.yaml, cmed, legs\[2\]\.role is 'guide'"):
        read_pack(folder)


def test_id_that_stands_twice_is_refused(spoil: Callable[[str, Edit], Path]) -> None:
    folder = spoil("facts.yaml", lambda document: document["facts"].append(document["facts"][0]))
    with pytest.raises(StarterError, match=r"facts\.yaml, GEN-F1, id stands twice"):
        read_pack(folder)


def test_file_that_is_no_yaml_is_named_with_the_line(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(DATA, folder)
    (folder / "facts.yaml").write_text("facts:\n  - id: [", encoding="utf-8")
    with pytest.raises(StarterError, match=r"facts\.yaml is no YAML .*line 2"):
        read_pack(folder)


def test_missing_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(DATA, folder)
    (folder / "claims.yaml").unlink()
    with pytest.raises(StarterError, match=r"claims\.yaml is missing"):
        read_pack(folder)


def test_translation_that_drops_the_link_is_refused(spoil: Callable[[str, Edit], Path]) -> None:
    folder = spoil(
        "fr/messages.yaml",
        lambda document: document["entries"]["MSG-GEN-1"].update(sms="Bonjour."),
    )
    with pytest.raises(StarterError, match=r"fr/messages\.yaml, MSG-GEN-1, sms"):
        read_pack(folder)


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (lambda document: document.update(reviewed=True), "ar/facts.yaml, reviewed"),
        (lambda document: document.update(language="fr"), "ar/facts.yaml, language"),
        (lambda document: document["entries"].update({"CM-R99": {}}), "ar/facts.yaml, CM-R99"),
        (
            lambda document: document["entries"]["CM-R1"].update(sources="x"),
            "ar/facts.yaml, CM-R1, sources",
        ),
    ],
)
def test_wrong_translation_names_its_place(
    spoil: Callable[[str, Edit], Path], edit: Edit, place: str
) -> None:
    with pytest.raises(StarterError) as caught:
        read_pack(spoil("ar/facts.yaml", edit))
    assert str(caught.value).startswith(f"{place} ")


@pytest.mark.django_db
def test_broken_pack_writes_nothing(spoil: Callable[[str, Edit], Path]) -> None:
    before = LoadedEntry.objects.count(), Source.objects.count()
    folder = spoil(
        "messages.yaml",
        lambda document: entry(document, "messages", "MSG-CM-1").update(voice="parrot"),
    )
    with pytest.raises(CommandError, match=r"messages\.yaml, MSG-CM-1, voice"):
        call_command("load_starter", folder=folder)
    assert (LoadedEntry.objects.count(), Source.objects.count()) == before


def test_no_entry_of_the_pack_is_sendable_or_checked(pack: Pack) -> None:
    entries = [
        record
        for name in SPECS
        if name not in {"sources", "routes"}
        for record in pack.records[name]
    ]
    assert entries
    assert not any(record.fields["sendable"] for record in entries)
    assert {record.fields["status"] for record in entries} == {"demo"}


def test_every_translation_is_marked_unreviewed(pack: Pack) -> None:
    wordings = [words for name in SPECS for words in pack.wordings[name]]
    assert {words.language for words in wordings} == set(READER_LANGUAGES) - {"en"}
    assert not any(words.reviewed for words in wordings)


def test_every_id_of_the_pack_is_translated_into_both_languages(pack: Pack) -> None:
    for name in SPECS:
        ids = {record.id for record in pack.records[name]}
        for words in pack.wordings[name]:
            assert set(words.entries) == ids, (name, words.language)
