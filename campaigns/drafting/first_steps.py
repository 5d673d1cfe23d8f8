"""The first steps: what somebody who plans does, one after the other, until her first sending."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Broadcast
from campaigns.models.broadcasts import CHANGEABLE

_State = Broadcast.State
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Hold one step in words, whether it is done, and where the next one is done."""

    text: str
    done: bool
    label: str = ""
    address: str = ""


def list_first_steps(person: User) -> list[FirstStep]:
    """Return the four steps to a person's first broadcast; none once one of hers was launched."""
    made = Broadcast.objects.filter(author=person.pk).order_by("-created_at")
    mine = dict(made.values_list("code", "state")[:_LOOKED_AT])
    states = set(mine.values())
    if _State.LAUNCHED in states:
        return []
    asked = bool(states - {*CHANGEABLE, _State.CANCELLED})
    approved = bool(states - {*CHANGEABLE, _State.CANCELLED, _State.ASKED})
    draft, waiting = _find(mine, CHANGEABLE), _find(mine, (_State.ASKED, _State.APPROVED))
    steps = (
        (
            _(
                "Prepare: pick a message that the editors have published, the routes and the time. "
                "You see how many people would get it, and the price."
            ),
            bool(mine),
            _("Prepare the first broadcast"),
            reverse("desk_prepare"),
        ),
        (
            _("Ask for approval: another person reads exactly what you saw."),
            asked,
            _("Open your draft"),
            draft,
        ),
        (
            _("It goes out by itself at its time, never at night unless you say so."),
            approved,
            _("See what it waits for"),
            waiting,
        ),
        (
            _("Watch it arrive. You can pause it or stop it at any moment."),
            False,
            _("See when it begins"),
            waiting,
        ),
    )
    return _point_to_next(steps)


def _point_to_next(steps: tuple[tuple[str, bool, str, str], ...]) -> list[FirstStep]:
    """Return the steps, the first that is not done with the way to it."""
    following = next(place for place, (_text, done, *_way) in enumerate(steps) if not done)
    return [
        FirstStep(text, done, label, address) if place == following else FirstStep(text, done)
        for place, (text, done, label, address) in enumerate(steps)
    ]


def _find(mine: dict[str, str], states: tuple[str, ...]) -> str:
    code = next((code for code, state in mine.items() if state in states), "")
    return reverse("desk_broadcast", args=[code]) if code else reverse("desk_prepare")
