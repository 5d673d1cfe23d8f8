"""Read a starter pack into frozen values, or say which file, id and field to mend. Writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cms.links import PLACEHOLDER
from cms.models import WordKind
from cms.starter.parsers import Parser, Wrong, read_list, read_text, read_words
from cms.starter.specs import SPECS, Spec, kept_as
from locales.languages import LANGUAGES

DATA = Path(__file__).resolve().parent / "data"
WORDS = Path(__file__).resolve().parent / "words"
LONGEST_WORD = 60


class StarterError(Exception):
    """Raised for the first thing in a starter pack that cannot be loaded."""

    def __init__(self, where: "Place", problem: str, remedy: str) -> None:
        super().__init__(f"{where} {problem}: {remedy}.")
        self.where = where


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a starter pack something stands."""

    file: str
    id: str = ""
    field: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.file, self.id, self.field) if part)


@dataclass(frozen=True, slots=True)
class Record:
    """One entry: the model's fields, the ids it points at, its rows, and what is said of it."""

    id: str
    fields: Mapping[str, Any]
    links: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]
    notes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's texts for one file, by id."""

    language: str
    reviewed: bool
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of one kind that the linter looks for in one language."""

    language: str
    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole starter pack."""

    records: Mapping[str, tuple[Record, ...]]
    wordings: Mapping[str, tuple[Wording, ...]]
    word_lists: tuple[WordList, ...] = ()

    def record(self, file: str, key: str) -> Record:
        """Return one entry of a file."""
        return next(record for record in self.records[file] if record.id == key)


def read_pack(folder: Path = DATA, *, words: Path = WORDS) -> Pack:
    """Read and check every file of a folder; raise StarterError for the first that is wrong."""
    records = {name: tuple(_read_file(folder / f"{name}.yaml", SPECS[name])) for name in SPECS}
    _check_links(records)
    languages = sorted(path.name for path in folder.iterdir() if path.is_dir())
    wordings = {
        name: tuple(_read_wordings(folder, name, languages, records[name])) for name in SPECS
    }
    return Pack(records, wordings, tuple(_read_word_lists(words)))


def _load_yaml(path: Path, name: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StarterError(Place(name), "is missing", "put it back beside the others") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = " ".join(str(error).split())
        raise StarterError(Place(name), f"is no YAML ({problem})", "mend the line named") from None
    if not isinstance(document, dict):
        raise StarterError(Place(name), "holds no named list", "begin it with the list's name")
    return document


def _read_file(path: Path, spec: Spec) -> Iterator[Record]:
    document = _load_yaml(path, path.name)
    rows = _parse(document.get(path.stem), read_list, Place(path.name, "", path.stem))
    if not rows:
        raise StarterError(Place(path.name), "has no entries", f"list them under `{path.stem}:`")
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        key = row.get("id") if isinstance(row, dict) else None
        if not isinstance(key, str) or not key:
            where = Place(path.name, f"entry {number}", "id")
            raise StarterError(where, "is missing", "give every entry an id of its own")
        if key in seen:
            raise StarterError(Place(path.name, key, "id"), "stands twice", "rename one of the two")
        seen.add(key)
        yield _read_record(row, spec, Place(path.name, key))


def _read_record(row: dict[str, Any], spec: Spec, where: Place) -> Record:
    given = dict(_flatten({name: row[name] for name in row if name not in {"id", *spec.rows}}))
    rows = {
        name: tuple(_read_rows(row.get(name), below, _at(where, name)))
        for name, below in spec.rows.items()
    }
    _refuse_unknown(given, spec, where)
    values = {
        name: _parse(given.get(name), parser, _at(where, name))
        for name, parser in spec.fields.items()
    }
    links = {
        name: tuple(_parse(given.get(name), read_words, _at(where, name))) for name in spec.links
    }
    return Record(
        id=where.id,
        fields={kept_as(spec, name): values[name] for name in values if name not in spec.notes},
        links=links,
        rows=rows,
        notes={name: values[name] for name in spec.notes},
    )


def _read_rows(value: Any, spec: Spec, where: Place) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(_parse(value, read_list, where), start=1):
        spot = _at(where, f"{where.field}[{number}]")
        if not isinstance(row, dict):
            raise StarterError(spot, f"is {row!r}", "write it as {name: value, …}")
        _refuse_unknown(row, spec, spot)
        yield {
            name: _parse(row.get(name), parser, _at(spot, f"{spot.field}.{name}"))
            for name, parser in spec.fields.items()
        }


def _flatten(row: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _parse(value: Any, parser: Parser, where: Place) -> Any:
    try:
        return parser(value)
    except Wrong as wrong:
        raise StarterError(where, wrong.problem, wrong.remedy) from None


def _at(where: Place, name: str) -> Place:
    return Place(where.file, where.id, name)


def _refuse_unknown(row: Mapping[str, Any], spec: Spec, where: Place) -> None:
    for name in row:
        if name not in spec.fields and name not in spec.links:
            problem = "is a field that nothing reads"
            raise StarterError(_at(where, name), problem, "mend its name or take it out")


def _check_links(records: Mapping[str, tuple[Record, ...]]) -> None:
    known = {name: {record.id for record in rows} for name, rows in records.items()}
    for name, rows in records.items():
        for record in rows:
            for link, file in SPECS[name].links.items():
                for key in record.links[link]:
                    if key not in known[file]:
                        where = Place(f"{name}.yaml", record.id, link)
                        problem = f"names {key!r}, which {file}.yaml does not hold"
                        raise StarterError(where, problem, "mend the id or add the entry")


# ---- Translations ------------------------------------------------------------------------------


def _read_wordings(
    folder: Path, name: str, languages: list[str], records: tuple[Record, ...]
) -> Iterator[Wording]:
    originals = {record.id: record for record in records}
    for language in languages:
        path = folder / language / f"{name}.yaml"
        # A language may come file by file; what is not there yet is shown in the original.
        if path.exists():
            yield _read_wording(path, language, SPECS[name], originals)


def _read_wording(
    path: Path, language: str, spec: Spec, originals: Mapping[str, Record]
) -> Wording:
    file = f"{language}/{path.name}"
    document = _load_yaml(path, file)
    if document.get("language") != language:
        where = Place(file, "", "language")
        raise StarterError(where, f"is {document.get('language')!r}", f"write {language}")
    if document.get("reviewed") is not False:
        remedy = "write false: a person marks a translation as read, never a file"
        raise StarterError(Place(file, "", "reviewed"), "is not false", remedy)
    given = document.get("entries")
    if not isinstance(given, dict):
        raise StarterError(Place(file, "", "entries"), "is missing", "list the texts by id")
    entries = {}
    for key, texts in given.items():
        if key not in originals:
            where = Place(file, str(key))
            raise StarterError(where, f"is no id of {path.name}", "mend the id or take it out")
        entries[key] = _read_texts(texts, spec, originals[key], Place(file, key))
    return Wording(language, reviewed=False, entries=entries)


def _read_texts(texts: Any, spec: Spec, original: Record, where: Place) -> Mapping[str, str]:
    if not isinstance(texts, dict):
        raise StarterError(where, f"is {texts!r}", "write its fields below it")
    read = {}
    for name, value in texts.items():
        if name not in spec.texts:
            remedy = f"use one of: {', '.join(spec.texts)}"
            raise StarterError(_at(where, name), "is no text to translate", remedy)
        if value is None:
            continue
        text = _parse(value, read_text, _at(where, name))
        source = original.fields.get(spec.texts[name]) or ""
        if (PLACEHOLDER in text) != (PLACEHOLDER in source):
            problem = f"and its original differ in {PLACEHOLDER}"
            raise StarterError(
                _at(where, name), problem, "keep it exactly where the original has it"
            )
        read[spec.texts[name]] = text
    return read


# ---- Word lists --------------------------------------------------------------------------------


def _read_word_lists(folder: Path) -> Iterator[WordList]:
    for path in sorted(folder.glob("*.yaml")):
        file = f"words/{path.name}"
        document = _load_yaml(path, file)
        if document.get("language") != path.stem or path.stem not in LANGUAGES:
            where = Place(file, "", "language")
            remedy = "name the file after a language of the table, and write the same here"
            raise StarterError(where, f"is {document.get('language')!r}", remedy)
        for name, value in document.items():
            if name not in {"language", "reviewed", "translator"}:
                yield WordList(path.stem, *_read_words(name, value, Place(file, "", str(name))))


def _read_words(kind: str, value: Any, where: Place) -> tuple[str, tuple[str, ...]]:
    if kind not in WordKind.values:
        remedy = f"use one of: {', '.join(WordKind.values)}"
        raise StarterError(where, "is no kind of word", remedy)
    words = _parse(value, read_words, where)
    for word in words:
        if len(word) > LONGEST_WORD:
            remedy = f"write {LONGEST_WORD} characters at most"
            raise StarterError(where, f"holds {word!r}, which is too long", remedy)
    return kind, tuple(dict.fromkeys(words))
