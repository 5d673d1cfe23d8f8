"""The short link of a message: one for each language, never one for a person."""

from cms.reader.addresses import short_path

PLACEHOLDER = "{link}"


def make_link(public_url: str, *, code: str) -> str:
    """Return the short address of a page, whose code is that of one language."""
    return f"{public_url.rstrip('/')}{short_path(code)}"


def fill_link(text: str, link: str) -> str:
    """Put the link where the editor left a place for it."""
    return text.replace(PLACEHOLDER, link)
