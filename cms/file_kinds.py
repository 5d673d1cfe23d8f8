"""What a file is by its content; its name and what a browser says of it are never believed."""

import filetype
from django.utils.translation import gettext as _

# Longer than any signature, and as much as a browser reads when it guesses.
_HEAD = 8192
_SNIFFED = 1024
_MARKS_OF_A_PAGE = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<iframe")


def name_kind(content: bytes) -> str:
    """Return in words what a file is by its content."""
    if content.startswith(b"%PDF-"):
        return _("a PDF")
    guess = filetype.guess(content[:_HEAD])
    if guess is not None and not guess.mime.startswith("text/"):
        return _("a file of the kind %(kind)s") % {"kind": guess.extension.upper()}
    if holds_svg(content):
        return _("an SVG drawing, which can carry a program")
    if holds_page(content):
        return _("a web page (HTML)")
    if b"%PDF-" in content[:_SNIFFED]:
        return _("something else with a PDF behind it")
    return _("a file of a kind that we do not know")


def mime_of(content: bytes) -> str:
    """Return the media type that the first bytes show; empty where they show none."""
    guess = filetype.guess(content[:_HEAD])
    return str(guess.mime) if guess is not None else ""


def holds_svg(content: bytes) -> bool:
    """Tell whether a browser could take the beginning for an SVG drawing."""
    return b"<svg" in content[:_SNIFFED].lower()


def holds_page(content: bytes) -> bool:
    """Tell whether a browser could take the beginning for a web page."""
    head = content[:_SNIFFED].lower()
    return any(mark in head for mark in _MARKS_OF_A_PAGE)
