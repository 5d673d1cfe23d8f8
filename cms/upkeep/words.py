"""How the admin says where things stand: a colour never without its word."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.freshness import Age, Reach, Standing
from cms.models import HarmClass
from cms.upkeep.items import Need, Reason


@dataclass(frozen=True, slots=True)
class Sign:
    """A small sign: its colour (a class of upkeep.css), its letter and its word."""

    tone: str
    word: Any
    letter: Any = ""


STANDINGS = {
    Standing.UP_TO_DATE: Sign("good", _("up to date"), "✓"),
    Standing.NEEDS_REVIEW: Sign("look", _("needs review"), pgettext_lazy("needs review", "R")),
    Standing.OUTDATED: Sign("bad", _("outdated"), pgettext_lazy("outdated", "O")),
    Standing.MACHINE: Sign("made", _("machine-made"), pgettext_lazy("machine-made", "M")),
    Standing.IN_TRANSLATION: Sign(
        "work", _("in translation"), pgettext_lazy("in translation", "T")
    ),
    Standing.MISSING: Sign("none", _("missing"), "–"),
}
AGES = {
    Age.FRESH: Sign("good", _("fresh")),
    Age.DUE: Sign("look", _("due this week")),
    Age.STALE: Sign("late", _("past its review date")),
    Age.EXPIRED: Sign("bad", _("expired")),
}
HARMS = {
    HarmClass.HIGH: Sign("bad", _("high harm")),
    HarmClass.MEDIUM: Sign("late", _("medium harm")),
    HarmClass.LOW: Sign("calm", _("low harm")),
}
REACHES = {
    Reach.REACHED: Sign("good", _("reached")),
    Reach.LONG_AGO: Sign("late", _("last reached")),
    Reach.NEVER: Sign("late", _("never tested")),
    Reach.WRONG: Sign("bad", _("wrong number or place")),
    Reach.CLOSED: Sign("bad", _("closed")),
}
REASONS = {
    Reason.WITHDRAWN: Sign("bad", _("its person has withdrawn the consent")),
    Reason.ENDED: Sign("bad", _("marked as expired: renew it or take it down")),
    Reason.EXPIRED: Sign("bad", _("expired")),
    Reason.STALE: Sign("late", _("was due")),
    Reason.DUE: Sign("look", _("due")),
    **{Reason(reach.value): sign for reach, sign in REACHES.items() if reach != Reach.REACHED},
    Reason.OUTDATED: Sign("late", _("its original has changed; last right on")),
    Reason.USE_CHANGED: Sign("late", _("something it uses has changed; last right on")),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """How one list of needs is headed, and what an empty one teaches."""

    title: Any
    empty: Any


NEEDS = {
    Need.LATE: Heading(
        _("Past its date"),
        _(
            "Nothing is past its date. A thing comes here on the day that its review date or its"
            " expiry date names; messages that use it are held from that day on."
        ),
    ),
    Need.DUE: Heading(
        _("Due this week"),
        _(
            "Nothing is due within seven days. Look at a source before its review date, then tap"
            " “Reviewed, still correct”: that sets the next date."
        ),
    ),
    Need.DEAD: Heading(
        _("Contacts that nobody has reached"),
        _(
            "Every contact was reached within thirty days. Call or visit, and tap what came of it:"
            " a message never sends anybody to a number that does not answer."
        ),
    ),
    Need.BEHIND: Heading(
        _("Texts that are behind"),
        _(
            "No text is behind. After a major change of a fact, every text that uses it and every"
            " translation of it comes here, language by language."
        ),
    ),
}
