"""What WhatsApp asks for: an approved template for what is pushed, with its variables in order."""

import re
from collections.abc import Iterator
from datetime import date

from cms.links import PLACEHOLDER
from cms.linting.values import DraftMessage, Spot

_PLACE = re.compile(r"\{(\w+)\}")
_LINK = PLACEHOLDER.strip("{}")


def find_unapproved_template(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that a pushed WhatsApp text has no approved template."""
    has_text = bool(draft.texts.get("whatsapp_text", "").strip())
    is_pushed = draft.is_push or draft.template.needed
    if has_text and is_pushed and not (draft.template.needed and draft.template.is_approved):
        yield Spot("whatsapp_text")


def find_wrong_variables(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give the variables that are not those of the text, in its order, each with an example."""
    if not draft.template.needed:
        return
    places = list(dict.fromkeys(_PLACE.findall(draft.texts.get("whatsapp_text", ""))))
    names = [name.strip("{} ") for name, _example in draft.template.variables]
    if _LINK not in names:
        # The link is the same for every reader: it may be part of the wording that is approved.
        places = [place for place in places if place != _LINK]
    if names != places:
        yield Spot("whatsapp_text", ", ".join(places) or "–", ", ".join(names) or "–")
    for name, example in draft.template.variables:
        if not example.strip():
            yield Spot("whatsapp_text", name, "–")
