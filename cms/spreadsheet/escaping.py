"""Characters that a workbook's XML cannot hold, as Excel writes them: _x000D_ for a return.

An underscore that could be taken for the beginning of one is written as _x005F_.
"""

import re

_UNDERSCORE = re.compile("_(?=x[0-9A-Fa-f]{4})")
# A return is legal, but every reader of XML turns it into a new line.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_WRITTEN = re.compile("_x([0-9A-Fa-f]{4})_")


def escape(text: str) -> str:
    """Return a text as a workbook holds it."""
    return _UNWRITABLE.sub(
        lambda found: f"_x{ord(found[0]):04X}_", _UNDERSCORE.sub("_x005F_", text)
    )


def unescape(text: str) -> str:
    """Return the text that a workbook holds."""
    return _WRITTEN.sub(lambda found: chr(int(found[1], 16)), text)
