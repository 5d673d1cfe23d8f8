"""A route as a leaflet to print: as much of it as fits on a few A5 pages.

Printing itself is `cms.passing_on.printing`, which runs as a process of its own.
"""

import ctypes
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from functools import cache

from cms.passing_on.fitting import shorten
from cms.reader.showing import Content

MOST_PAGES = 4
PATIENCE = 60.0  # seconds
# What WeasyPrint loads; requirements and .ci/run name the packages of Debian that bring them.
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")

logger = logging.getLogger("waymark.leaflets")


class CannotPrint(Exception):
    """Raised where this machine cannot print a leaflet: no Pango, or no font with its letters."""


@cache
def is_possible() -> bool:
    """Tell whether this machine has the libraries that print."""
    try:
        for name in LIBRARIES:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


def print_leaflet(content: Content, *, write: Callable[[Content], str]) -> bytes:
    """Return a leaflet as PDF, as much of the content as fits; `write` makes the HTML of it."""
    if not is_possible():
        raise CannotPrint("Pango is missing")
    sheets = [write(less) for less in shorten(content)]
    asked = json.dumps({"sheets": sheets, "most_pages": MOST_PAGES})
    command = [sys.executable, "-m", "cms.passing_on.printing"]
    try:
        done = subprocess.run(
            command, input=asked.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise CannotPrint("printing took too long") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        logger.warning("No leaflet could be printed: code %s, %s", done.returncode, reason)
        raise CannotPrint(reason)
    return done.stdout
