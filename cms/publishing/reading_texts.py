"""The text of a page as a search reads it: what stands in its main part, without markup."""

from html.parser import HTMLParser

UNREAD = frozenset({"script", "style", "template"})
# These end no word: all others stand between two.
INLINE = frozenset({"a", "b", "bdi", "bdo", "em", "i", "span", "strong", "wbr"})


class _Main(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside = self.unread = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.inside += tag == "main"
        self.unread += tag in UNREAD
        if tag not in INLINE:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "main"
        self.unread -= tag in UNREAD
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.inside > 0 and self.unread <= 0:
            self.words.append(data)


def read_main(page: bytes) -> str:
    """Return the text of a page's main part in one line; empty where it has none."""
    if b"<main" not in page:
        return ""
    reader = _Main()
    reader.feed(page.decode("utf-8", errors="replace"))
    reader.close()
    return " ".join("".join(reader.words).split())
