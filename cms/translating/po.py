"""PO files: written for translators' tools, read back strictly. Knows no database.

Read with polib, after a look at each line: polib itself takes a line without its last quote, opens a
file that is named where a file's content should be, and calls every error a syntax error.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polib
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LARGEST = 2 * 1024 * 1024
TOO_LARGE = gettext_lazy("The file is larger than 2 MB. Export it again, one route at a time.")
CONTENT_HEADER = "X-Waymark-Content"
_KEYWORD = re.compile(r'(msgctxt|msgid|msgstr)\s+"(?:[^"\\]|\\.)*"\s*')
_CONTINUED = re.compile(r'"(?:[^"\\]|\\.)*"\s*')
_FOLLOWS = {"msgctxt": {"msgstr", ""}, "msgid": {"msgctxt", "msgstr", ""}, "msgstr": {"msgid"}}


class Unreadable(Exception):
    """Raised for a file that is no PO file, or a broken one; its words say where and what to do."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a file is for: the content, the language it is in, and the language of the original."""

    content: str
    language: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: its place, the original's words, the translation, and whether somebody must look at it.

    `former` are the original's words that an older translation was made from.
    """

    place: str
    original: str
    words: str = ""
    is_fuzzy: bool = False
    former: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file."""

    heading: Heading
    entries: tuple[Entry, ...]


def write_sheet(sheet: Sheet, *, made: str) -> bytes:
    """Return a PO file; `made` is the moment it was made, as PO writes it."""
    file = polib.POFile(wrapwidth=0)
    file.header = sheet.heading.title
    file.metadata = {
        "Project-Id-Version": "Waymark",
        "POT-Creation-Date": made,
        "Language": sheet.heading.language,
        CONTENT_HEADER: sheet.heading.content,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    file.extend(_as_po(entry) for entry in sheet.entries)
    return f"{file}\n".encode()


def read_sheet(content: bytes) -> Sheet:
    """Read a PO file; raise Unreadable with the line and the entry where it is broken."""
    text = _decode(content)
    _check_lines(text)
    with tempfile.NamedTemporaryFile(suffix=".po") as kept:
        kept.write(text.encode())
        kept.flush()
        try:
            file = polib.pofile(kept.name, encoding="utf-8")
        except OSError as error:
            found = re.search(r"line (\d+)", str(error))
            raise _broken(
                text, int(found[1]) if found else 1, _("It is not written as PO.")
            ) from error
    heading = Heading(file.metadata.get(CONTENT_HEADER, ""), file.metadata.get("Language", ""))
    entries = tuple(_from_po(entry) for entry in file if not entry.obsolete)
    _check_places(entries)
    return Sheet(heading, entries)


def _as_po(entry: Entry) -> polib.POEntry:
    return polib.POEntry(
        msgctxt=entry.place,
        msgid=entry.original,
        msgstr=entry.words,
        comment=entry.note,
        flags=["fuzzy"] if entry.is_fuzzy else [],
        previous_msgid=entry.former or None,
    )


def _from_po(entry: polib.POEntry) -> Entry:
    return Entry(
        place=entry.msgctxt or "",
        original=entry.msgid,
        words=entry.msgstr,
        is_fuzzy=entry.fuzzy,
        line=entry.linenum or 0,
    )


def _decode(content: bytes) -> str:
    if not content.strip():
        raise Unreadable(_("The file is empty."))
    if len(content) > LARGEST:
        raise Unreadable(TOO_LARGE)
    if b"\0" in content:
        raise Unreadable(
            _("This is not a PO file. Choose the .po file, not a .mo file or an archive.")
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        words = _("Line %(line)d is not UTF-8. Save the file as UTF-8 and try again.")
        raise Unreadable(words % {"line": line}) from error


# ---- Line by line ------------------------------------------------------------------------------


def _check_lines(text: str) -> None:
    """Raise Unreadable at the first line that is no PO, or an entry that is cut off."""
    last = ""
    number = 0
    for number, line in _lines(text):
        if (keyword := _KEYWORD.fullmatch(line)) is not None:
            if last not in _FOLLOWS[keyword[1]]:
                words = _("%(keyword)s is not expected here. Part of the entry is missing.")
                raise _broken(text, number, words % {"keyword": keyword[1]})
            last = keyword[1]
        elif _CONTINUED.fullmatch(line) is None or not last:
            raise _broken(text, number, _explain(line))
    if last != "msgstr":
        raise _broken(text, number or 1, _("The file ends in the middle of an entry."))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines that count; not by `splitlines`, which also breaks within some texts."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip(" \t")


def _explain(line: str) -> str:
    if line.startswith(("msgid_plural", "msgstr[")):
        return _("Plural forms are not used here.")
    if line.startswith(("msg", '"')):
        return _("A quotation mark is missing, or one within the text has no backslash before it.")
    return _("This line belongs to no entry.")


def _broken(text: str, number: int, reason: str) -> Unreadable:
    place = ""
    for at, line in _lines(text):
        if at > number:
            break
        if line.startswith("msgctxt"):
            place = line.partition('"')[2].rstrip('"')
    told = {"line": number, "entry": place or _("the heading"), "reason": reason}
    return Unreadable(_("Line %(line)d, entry “%(entry)s”: %(reason)s") % told)


def _check_places(entries: Iterable[Entry]) -> None:
    """Raise Unreadable where one place comes twice, or an entry has none."""
    seen: dict[str, int] = {}
    for entry in entries:
        told = {"line": entry.line, "entry": entry.place, "before": seen.get(entry.place, 0)}
        if not entry.place:
            words = _(
                "Line %(line)d: the entry has no msgctxt, so nobody can tell where it belongs."
            )
            raise Unreadable(words % told)
        if entry.place in seen:
            words = _(
                "Line %(line)d, entry “%(entry)s”: it is there twice, also in line %(before)d."
            )
            raise Unreadable(words % told)
        seen[entry.place] = entry.line
