"""A message with nothing wrong in it, for tests of the linter that break one thing at a time."""

from dataclasses import replace
from datetime import date
from typing import Any

from cms.linting import DraftMessage, Media, Template, Used, Word

TODAY = date(2026, 11, 21)
LATER = date(2027, 5, 20)
LINK = "https://waymark.example/r/bcdfg"

CLEAN = DraftMessage(
    language="en",
    expires=date(2027, 1, 1),
    texts={
        "nudge_text": "Hello. Your information is ready. Reply 1 to read, 0 to stop.",
        "sms_text": "Ask the office near you first: {link} 1 more, 3 help, 0 stop",
        "whatsapp_text": "Ask the office near you first: {link} Reply 1 for more, 0 to stop.",
        "web_title": "Who can tell you more",
        "web_summary": "The office near you can tell you more.",
    },
    audience=("LY",),
    route_countries=("LY", "NE"),
    link=LINK,
    words=(Word("smuggler", "smuggling"),),
)


def draft(**changes: Any) -> DraftMessage:
    """Return the clean message with something changed."""
    return replace(CLEAN, **changes)


def texts(**changes: str) -> DraftMessage:
    """Return the clean message with other texts."""
    return draft(texts={**CLEAN.texts, **changes})


def used(kind: str = "fact", key: str = "CM-R1", **changes: Any) -> Used:
    """Return something that a message uses and that nothing is wrong with."""
    if kind == "contact_point":
        changes = {"reached_on": TODAY, **changes}
    return Used(kind, key, changes.pop("review_by", LATER), **changes)


def using(*uses: Used, **changes: Any) -> DraftMessage:
    """Return the clean message with something that it uses."""
    return draft(uses=uses, **changes)


def listing(text: str, kind: str, *words: str, **changes: Any) -> DraftMessage:
    """Return the clean message with another nudge and a list of words."""
    listed = tuple(Word(word, kind) for word in words)
    texts = {**CLEAN.texts, "nudge_text": text}
    return draft(texts=texts, words=(*CLEAN.words, *listed), **changes)


def template(*variables: tuple[str, str], text: str, approved: bool = True) -> DraftMessage:
    """Return the clean message with another WhatsApp text and its template."""
    made = Template(needed=True, is_approved=approved, variables=variables)
    return draft(texts={**CLEAN.texts, "whatsapp_text": text}, template=made)


def media(**changes: Any) -> DraftMessage:
    """Return the clean message with something to listen to or to look at."""
    return draft(media=Media(**changes))
