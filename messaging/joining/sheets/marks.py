"""The mark in a sheet's first line: for whom we made it. Only this deployment can make one."""

import re
from hmac import compare_digest

from django.utils.translation import gettext as _

from messaging.joining.sheets.values import SheetError, Table
from messaging.sealing.crypto import sign_short, signs_of

_MARK = re.compile(r"WM1-([a-z0-9]{1,20})-([0-9a-f]{24})")
_BEGINNING = "WM1-"


def make_mark(owner: str) -> str:
    """Return the mark of an owner, who is named by small letters and digits."""
    return f"{_BEGINNING}{owner}-{sign_short(_said(owner))}"


def check_mark(table: Table, owner: str) -> None:
    """Raise `SheetError` for a sheet without a mark, with a changed one, or with another owner's."""
    cells = table.lines[0].cells if table.lines else ()
    # A program may have put quotes or blanks around it.
    marks = [cell.strip("'\" ") for cell in cells if _BEGINNING in cell]
    if not marks:
        raise SheetError(
            _(
                "Its first line does not say whose sheet it is. Download an empty sheet here, and "
                "copy your lines into it below the names of the columns."
            )
        )
    found = _MARK.fullmatch(marks[0])
    if not found or not _is_ours(found[1], found[2]):
        raise SheetError(
            _("The mark in its first line was changed. Download an empty sheet and copy the lines.")
        )
    if found[1] != owner:
        raise SheetError(
            _("This sheet was made for another partner. Use one that was downloaded for yours.")
        )


def _is_ours(owner: str, sign: str) -> bool:
    # A sheet from before a change of keys stays good.
    return any(compare_digest(known, sign) for known in signs_of(_said(owner)))


def _said(owner: str) -> str:
    return f"sheet|{owner}"
