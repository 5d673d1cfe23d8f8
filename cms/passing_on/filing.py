"""A route as one file: whole in itself, small enough for a memory card or Bluetooth."""

from collections.abc import Callable

from cms.budgets import SINGLE_FILE
from cms.passing_on.fitting import shorten
from cms.reader.showing import Content

# The file says so itself, for no answer's headers travel with it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class DoesNotFit(Exception):
    """Raised where not even the numbers to call fit into the file."""


def write_file(content: Content, *, write: Callable[[Content], str]) -> str:
    """Return as much of the content as fits, as the HTML that `write` makes of it."""
    for less in shorten(content):
        text = write(less)
        if len(text.encode()) <= SINGLE_FILE:
            return text
    raise DoesNotFit(f"more than {SINGLE_FILE} bytes of contacts and alerts")
