"""What goes wrong on the way, as a field worker would say it, and what to do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from messaging import wire
from messaging.states import State

_NEXT = gettext_lazy("Nothing to do: the next broadcast tries these people again.")
_LEAD = gettext_lazy("Pause it, and tell a programme lead.")
_NEW = gettext_lazy("If they still need it, prepare a new broadcast.")
# Why a message failed.
_FAILURES: dict[str, tuple[Promise, Promise]] = {
    wire.OPTED_OUT: (
        gettext_lazy("These people had stopped messages at their network."),
        gettext_lazy("Nothing to do: they get no more of them."),
    ),
    wire.UNUSABLE: (
        gettext_lazy("These phones cannot receive now: switched off, out of reach or given up."),
        _NEXT,
    ),
    wire.SENDER: (gettext_lazy("Our sender was refused."), _LEAD),
    wire.CONTENT: (
        gettext_lazy("The text was refused."),
        gettext_lazy("Pause it, ask an editor to change the text, and prepare a new broadcast."),
    ),
    wire.FILTERED: (gettext_lazy("A network took the message for spam and blocks it."), _LEAD),
    wire.BUSY: (gettext_lazy("The network was too busy."), _NEXT),
    wire.TEMPORARY: (gettext_lazy("The network failed, which may pass."), _NEXT),
    wire.EXPIRED: (
        gettext_lazy("The phones could not be reached for so long that the network gave up."),
        _NEXT,
    ),
    wire.LIMITED: (
        gettext_lazy("A limit of the network or of WhatsApp was reached."),
        gettext_lazy("Pause it until tomorrow, or tell a programme lead."),
    ),
}
_FAILED = (
    gettext_lazy("It failed, and nobody has explained why yet."),
    gettext_lazy("If these are many, pause it and tell a programme lead."),
)
# Why others do not get it, by the state of their message, and by its reason where that says more.
_STATES: dict[str, tuple[Promise, Promise]] = {
    State.UNKNOWN: (
        gettext_lazy("The line broke while it was handed over: they may have got it."),
        gettext_lazy("Nothing to do: it is looked up, and never sent twice."),
    ),
    State.EXPIRED: (gettext_lazy("The time in which it could be sent was over."), _NEW),
    State.HELD: (
        gettext_lazy("The message is not true any more, so whoever still waited does not get it."),
        gettext_lazy("Ask an editor to check it, then prepare a new broadcast."),
    ),
}
_REASONS: dict[tuple[str, str], tuple[Promise, Promise]] = {
    (State.HELD, "too_many"): (
        gettext_lazy("They have had as many messages as are allowed in a week."),
        _NEXT,
    ),
}


def is_trouble(state: str) -> bool:
    """Say whether a message in this state did not go its way."""
    return state == State.FAILED or state in _STATES


def explain_trouble(state: str, reason: str) -> tuple[str, str]:
    """Return what went wrong, and what to do."""
    if state == State.FAILED:
        known = _FAILURES.get(reason, _FAILED)
    else:
        known = _REASONS.get((state, reason)) or _STATES[state]
    return str(known[0]), str(known[1])
