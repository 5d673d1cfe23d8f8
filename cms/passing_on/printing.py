"""Print a leaflet: pages of HTML come in, a PDF goes out. A process of its own, and no part of the site.

WeasyPrint takes over a second to import and brings Pango along, in C and not safe in threads. So
it never comes into the process that serves readers: neither its memory nor its crash is theirs.
It knows neither Django nor the network: all that it may use comes in through its standard input.
With `many` as its word it stays, and answers one line after another.
"""

import json
import logging
import sys
from typing import Any

# Where Pango is missing this line ends the process, and its words say what is missing.
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

MISSING_LETTER = ".notdef glyph"
NO_LETTERS, TOO_LONG = 3, 4


class NoFetcher(URLFetcher):
    """Fetch nothing: a leaflet is whole in itself."""

    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
        """Refuse."""
        raise FatalURLFetchingError("A leaflet fetches nothing.")


class Letters(logging.Handler):
    """Listen whether a letter had no font: it would be printed as an empty box."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Note a letter without a font."""
        message = record.getMessage()
        if message.startswith(MISSING_LETTER):
            self.missing.add(message.rpartition("(")[2].rstrip(")"))


def print_first_that_fits(sheets: list[str], *, most_pages: int) -> bytes | None:
    """Return the PDF of the first text that has few enough pages; None where none has."""
    for sheet in sheets:
        document = HTML(string=sheet, url_fetcher=NoFetcher()).render(pdf_variant="pdf/ua-1")
        if len(document.pages) <= most_pages:
            printed: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"leaflet")
            return printed
    return None


def answer(asked: dict[str, Any]) -> tuple[int, bytes]:
    """Return 0 and the PDF, or a code that says what is wrong and words for it."""
    letters = Letters()
    logging.getLogger("weasyprint").handlers[:] = [letters]
    printed = print_first_that_fits(asked["sheets"], most_pages=asked["most_pages"])
    if letters.missing:
        return NO_LETTERS, f"no font has {', '.join(sorted(letters.missing))}\n".encode()
    if printed is None:
        return TOO_LONG, b""
    return 0, printed


def answer_many() -> None:
    """Answer each line with a line of `code size`, and as many bytes after it."""
    for line in sys.stdin.buffer:
        code, said = answer(json.loads(line))
        sys.stdout.buffer.write(b"%d %d\n%b" % (code, len(said), said))
        sys.stdout.buffer.flush()


def main(*words: str) -> int:
    """Print what standard input asks for; the exit code says what is wrong."""
    if words == ("many",):
        answer_many()
        return 0
    code, said = answer(json.load(sys.stdin))
    (sys.stderr if code else sys.stdout).buffer.write(said)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
