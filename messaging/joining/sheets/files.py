"""Any bytes become lines, or a refusal that says what to do. Looks at what is in a file, not its name."""

from django.utils.translation import gettext as _

from messaging.joining.sheets.texts import read_text
from messaging.joining.sheets.values import SheetError, Table
from messaging.joining.sheets.workbooks import read_workbook

_ARCHIVE = b"PK\x03\x04"
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_MEGABYTE = 1024 * 1024


def read_table(data: bytes, *, most_bytes: int, most_rows: int) -> Table:
    """Return the lines of a CSV or XLSX file; raise `SheetError` for everything else."""
    if len(data) > most_bytes:
        refuse_size(most_bytes)
    if not data.strip():
        raise SheetError(_("The file is empty. Fill in the sheet, save it and choose it again."))
    if data.startswith(_OLD_OR_LOCKED):
        raise SheetError(
            _("This is an old or locked workbook. Take the password away and save it as XLSX.")
        )
    # The mark and the names of the columns come before the people.
    most_lines = most_rows + 2
    table = (
        read_workbook(data, most_lines=most_lines)
        if data.startswith(_ARCHIVE)
        else read_text(data, most_lines=most_lines)
    )
    if len(table.lines) > most_lines:
        raise SheetError(_("The sheet has more than %d lines. Split it into several.") % most_rows)
    return table


def refuse_size(most_bytes: int) -> None:
    """Refuse a file for its size, before or after it was read."""
    raise SheetError(
        _("The file is larger than %d MB. Split it into several.") % (most_bytes // _MEGABYTE)
    )
