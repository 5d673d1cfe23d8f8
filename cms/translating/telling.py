"""How a dry run says what it leaves out, and why."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.translating.planning import Left, Plan
from cms.translating.po import Entry

_WHY = {
    Left.OUTDATED: _("The original says something else by now: export again, and translate that"),
    Left.UNKNOWN: _("Not a part of what this file is for, or not any more"),
    Left.APART: _("Its blocks are not those of the original: change them on its own page"),
    Left.NOT_YOURS: _("Not yours to change"),
    Left.LOCKED: _("Locked, or being read by a reviewer: import again afterwards"),
    Left.FUZZY: _("Marked as fuzzy: take the mark off once the text is right"),
    Left.SAME: _("As it stands here already"),
    Left.EMPTY: _("Not translated in this file"),
}
# Nothing is to be done about these, so they are counted and not named.
_COUNTED = frozenset({Left.SAME, Left.EMPTY})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Entries that are left out for one reason."""

    reason: Any
    count: int
    named: tuple[Entry, ...]


def tell_left(plan: Plan) -> list[LeftOut]:
    """Return what a plan leaves out, first what somebody should do something about."""
    return [
        LeftOut(why, len(entries), () if left in _COUNTED else entries)
        for left, why in _WHY.items()
        if (entries := plan.left.get(left, ()))
    ]
