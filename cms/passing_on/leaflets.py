"""A route as a leaflet to print: as much of it as fits on a few A5 pages.

Printing itself is `cms.passing_on.printing`, which runs as a process of its own.
"""

import ctypes
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from cms.passing_on.fitting import shorten
from cms.reader.showing import Content

MOST_PAGES = 4
PATIENCE = 60.0  # seconds
# What WeasyPrint loads; requirements and .ci/run name the packages of Debian that bring them.
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")

COMMAND = (sys.executable, "-m", "cms.passing_on.printing")

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
    asked = json.dumps({"sheets": sheets, "most_pages": MOST_PAGES}).encode()
    printer = _printer.get()
    try:
        done = printer.ask(asked) if printer else _ask_once(asked)
    except subprocess.TimeoutExpired as error:
        raise CannotPrint("printing took too long") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        logger.warning("No leaflet could be printed: code %s, %s", done.returncode, reason)
        raise CannotPrint(reason)
    return done.stdout


def _ask_once(asked: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(COMMAND, input=asked, capture_output=True, timeout=PATIENCE, check=False)


# ---- Many leaflets -----------------------------------------------------------------------------


@contextmanager
def printing_many() -> Iterator[None]:
    """Let one process print all leaflets made inside: to start it takes longer than to print most."""
    printer = Printer()
    token = _printer.set(printer)
    try:
        yield
    finally:
        _printer.reset(token)
        printer.close()


class Printer:
    """A process that prints one leaflet after another; another takes its place where it ends early."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, asked: bytes) -> subprocess.CompletedProcess[bytes]:
        """Return what a process for this one leaflet would have ended with."""
        process = self._process or subprocess.Popen(
            [*COMMAND, "many"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._process = process
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            code, said = _converse(process, asked)
        except (OSError, ValueError):
            self.close()
            return subprocess.CompletedProcess(COMMAND, 1, b"", b"the printing process has ended")
        finally:
            late.cancel()
        return subprocess.CompletedProcess(COMMAND, code, b"" if code else said, said)

    def close(self) -> None:
        """End the process, if one was started."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _converse(process: subprocess.Popen[bytes], asked: bytes) -> tuple[int, bytes]:
    """Return the code and the words or the PDF; ValueError or OSError where the process has ended."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    process.stdin.write(asked + b"\n")
    process.stdin.flush()
    code, size = map(int, process.stdout.readline().split())
    said = process.stdout.read(size)
    if len(said) != size:
        raise ValueError("the process ended within its answer")
    return code, said


_printer: ContextVar[Printer | None] = ContextVar("printer", default=None)
