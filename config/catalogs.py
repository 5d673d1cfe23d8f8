"""The interface's translations: found in the source, kept in .po files and checked.

Babel does what GNU gettext would, so nobody needs its tools. These functions read and write files
they are told of; `manage.py translations` tells them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.utils.translation.template import templatize

from config.scopes import EVERYTHING, Scope

# The functions that mark a text, and which of their arguments it is ("c": the context).
MARKERS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Where Babel knows no rule or another one than CLDR: in Arabic it has the last two forms swapped.
PLURAL_FORMS = {
    "am": "nplurals=2; plural=(n > 1);",
    "ti": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 :"
    " n%100>=11 && n%100<=99 ? 4 : 5;",
}
# The head of a new catalogue; whoever has read it takes the line out.
DRAFT = "# Machine draft: nobody who speaks the language has read it."
COMMENT_TAG = "Translators:"
TEMPLATE_SUFFIXES = {".html", ".txt"}
# What a catalogue that cannot be read or compiled raises.
UNREADABLE = (PoFileError, ValueError)
_PO_LINE = re.compile(
    r'\s*|#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?)\s+)?"([^"\\]|\\.)*"\s*'
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|%[sd]|\{\w*\}")


def extract_template(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Any,
) -> Iterator[tuple[int, Any, list[str], Any]]:
    """Find the texts of a Django template; an extraction method in Babel's sense."""
    code = templatize(fileobj.read().decode())
    # Python's tokenizer minds how lines are indented, a template does not.
    lines = "\n".join(line.lstrip() for line in code.splitlines())
    yield from extract_python(BytesIO(lines.encode()), keywords, comment_tags, options)


def collect_messages(root: Path, folders: Collection[str], scope: Scope = EVERYTHING) -> Catalog:
    """Return a catalogue of the texts marked in the folders' Python files and templates."""
    found = sorted(
        (path.relative_to(root).as_posix(), str(context or ""), _as_tuple(text), tuple(comments))
        for folder in folders
        for path in (root / folder).rglob("*")
        if scope.holds(path.relative_to(root).as_posix()) and (method := _extraction_method(path))
        for text, comments, context in _extract_file(path, method)
    )
    catalog = Catalog()
    for source, context, text, comments in found:
        catalog.add(
            text if len(text) > 1 else text[0],
            locations=[(source, 0)],
            auto_comments=comments,
            context=context or None,
        )
    return catalog


def catalog_path(folder: Path, language: str) -> Path:
    """Return where a language's catalogue lies within a folder of LOCALE_PATHS."""
    return folder / language / "LC_MESSAGES" / "django.po"


def update_catalog(path: Path, language: str, messages: Catalog) -> bool:
    """Bring a catalogue up to the source's messages; return whether the file changed.

    Nothing is guessed: a changed text becomes a new, empty message, and the old one goes.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    catalog = read_catalog(path, language) if before else _new_catalog(language)
    catalog.update(messages, no_fuzzy_matching=True)
    after = _format(catalog, language)
    if after == before:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(after, encoding="utf-8")
    return True


def read_catalog(path: Path, language: str) -> Catalog:
    """Return the catalogue of a .po file; raise PoFileError or ValueError where it is unsound."""
    # Babel forgives an unclosed quote and drops the last letter; a translator should be told.
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not _PO_LINE.fullmatch(line):
            raise ValueError(f"line {number} is neither a comment nor words in quotes")
    with path.open("rb") as source:
        return read_po(source, locale=language, charset="utf-8", abort_invalid=True)


def compile_catalog(catalog: Catalog) -> bytes:
    """Return a catalogue as a .mo file; raise ValueError where its plural rule is broken."""
    compiled = BytesIO()
    write_mo(compiled, catalog)
    # Reading it back finds a broken plural rule, which writing does not.
    GNUTranslations(BytesIO(compiled.getvalue()))
    return compiled.getvalue()


def find_problems(path: Path, language: str, messages: Catalog) -> list[str]:
    """Say what keeps a catalogue from being complete and safe to show, one line each."""
    try:
        catalog = read_catalog(path, language)
        compile_catalog(catalog)
    except FileNotFoundError:
        return ["there is no such file"]
    except UNREADABLE as error:
        return [f"it does not compile: {error}"]
    ours = {(_as_tuple(message.id), message.context): message for message in catalog if message.id}
    problems = []
    for wanted in messages:
        key = (_as_tuple(wanted.id), wanted.context)
        if wanted.id and (problem := _find_problem(ours.get(key))):
            problems.append(f"“{key[0][0]}” {problem}")
    return problems


def _new_catalog(language: str) -> Catalog:
    catalog = Catalog(locale=language, header_comment=DRAFT)
    if language in PLURAL_FORMS:
        catalog.mime_headers = [("Plural-Forms", PLURAL_FORMS[language])]
    return catalog


def _find_problem(message: Message | None) -> str:
    if message is None:
        return "is missing: run `translations extract`"
    translated = _as_tuple(message.string)
    if not all(translated):
        return "is not translated"
    if message.fuzzy:
        return "is marked fuzzy"
    if not _placeholders_agree(_as_tuple(message.id), translated):
        return "has other placeholders in its translation"
    return ""


def _placeholders_agree(source: tuple[str, ...], translated: tuple[str, ...]) -> bool:
    wanted = [_placeholders(form) for form in source]
    forms = [_placeholders(form) for form in translated]
    if len(source) == 1:
        return forms == wanted
    # "No", "one" and "two messages" may leave the number out; the forms for more may not.
    allowed = set().union(*wanted)
    full = forms[3:] or forms[-1:]
    return all(form == wanted[-1] for form in full) and all(form <= allowed for form in forms)


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text.replace("%%", "")))


def _extraction_method(path: Path) -> Any:
    if path.suffix == ".py":
        return "python"
    is_template = "templates" in path.parts and path.suffix in TEMPLATE_SUFFIXES
    return extract_template if is_template else None


def _extract_file(path: Path, method: Any) -> Iterator[tuple[Any, list[str], str | None]]:
    with path.open("rb") as source:
        for _line, text, comments, context in extract(
            method, source, keywords=MARKERS, comment_tags=[COMMENT_TAG]
        ):
            yield text, comments, context


def _as_tuple(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _format(catalog: Catalog, language: str) -> str:
    # Babel's own header carries the day, the hour and Babel's version: a diff at every run.
    comment = f"{catalog.header_comment}\n" if catalog.header_comment else ""
    header = (
        f'{comment}msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    body = BytesIO()
    write_po(
        body,
        catalog,
        width=0,
        omit_header=True,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return header + body.getvalue().decode()
