"""What WhatsApp says of a message's wording: asked of a higher layer, known by a setting only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from cms.models import MessagePage


@dataclass(frozen=True, slots=True)
class WordingState:
    """Hold what WhatsApp said last: the state in words, why, and as what it bills, if not as asked.

    `is_current` is false where the text has changed since. `may_send` says that it is approved.
    """

    label: str
    may_send: bool
    reason: str
    remedy: str
    billed_as: str
    is_current: bool
    checked_at: datetime | None


AskState = Callable[[MessagePage], WordingState | None]


def state_of(message: MessagePage) -> WordingState | None:
    """Return what WhatsApp says of a message's wording, or None before it has seen one."""
    ask: AskState = import_string(settings.CMS_WORDING_STATE)
    return ask(message)
