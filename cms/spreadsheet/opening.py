"""Look at an uploaded file before anything reads it: is it a workbook, and is it safe to open?"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from xml.etree.ElementTree import ParseError, fromstring
from zipfile import BadZipFile, LargeZipFile, ZipFile

from django.utils.translation import gettext as _

MOST_BYTES = 5 * 1024 * 1024
# What it may grow to when it is unpacked; 20,000 full rows take half of it.
MOST_UNPACKED = 96 * 1024 * 1024
MOST_PARTS = 1_000
_LISTED = "[Content_Types].xml"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WITH_MACROS = ("macroenabled", "vbaproject", "activex", "ms-excel.macrosheet")
_MACRO_PARTS = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_NO_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
# All that a broken archive, broken XML, or XML that is no workbook makes the libraries raise.
_UNREADABLE = (
    BadZipFile,
    LargeZipFile,
    zlib.error,
    ParseError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class NoWorkbook(Exception):
    """Raised for a file that is refused as a whole, with what to do instead."""


def open_workbook(data: bytes) -> ZipFile:
    """Return the archive of a workbook, or raise NoWorkbook."""
    if len(data) > MOST_BYTES:
        raise NoWorkbook(too_large())
    if data.startswith(_OLD_OR_LOCKED):
        raise NoWorkbook(
            _("This is an old or locked file. Take the password away and save it as XLSX.")
        )
    with naming_what_breaks():
        archive = ZipFile(BytesIO(data))
        _check_size(archive)
        _check_kind(archive)
    return archive


@contextmanager
def naming_what_breaks() -> Iterator[None]:
    """Turn whatever a broken file does to the libraries into a refusal."""
    try:
        yield
    except _UNREADABLE as error:
        raise NoWorkbook(no_workbook()) from error


def too_large() -> str:
    """Say that a file is too large."""
    most = MOST_BYTES // 1024 // 1024
    return _("The file is larger than %d MB. Split it into several.") % most


def no_workbook() -> str:
    """Say that a file is no workbook."""
    return _("This is no XLSX workbook. Open it in your spreadsheet program and save it as XLSX.")


def _check_size(archive: ZipFile) -> None:
    # The sizes are only said by the file, but no part is ever unpacked further than it says.
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NoWorkbook(
            _("The file unpacks to far more than its size. Copy the rows into a new workbook.")
        )


def _check_kind(archive: ZipFile) -> None:
    names = [name.lower() for name in archive.namelist()]
    listed = archive.read(_LISTED)
    if any(sign in listed for sign in _NO_ENTITIES):
        raise NoWorkbook(no_workbook())
    types = {
        str(part.get("ContentType", "")).lower()
        for part in fromstring(listed)  # noqa: S314 – entities are refused above
    }
    macros = any(sign in kind for sign in _WITH_MACROS for kind in types)
    if macros or any(sign in name for sign in _MACRO_PARTS for name in names):
        raise NoWorkbook(_("The file holds macros. Save it as XLSX without macros."))
    if _WORKBOOK not in types:
        raise NoWorkbook(no_workbook())
