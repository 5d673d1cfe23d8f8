"""What to do about an alarm of the desk, in a sentence; the others say it in their name."""

from django.utils.translation import gettext_lazy

from messaging.models import Alarm

_REMEDIES = {
    Alarm.Kind.URGENT: gettext_lazy(
        "Open the inbox and answer now. She has been told where to get help, and that this service "
        "cannot rescue anyone. It closes once somebody has answered."
    ),
    Alarm.Kind.MISSED: gettext_lazy(
        "Nothing of it went out. Ask its partner to send it after all, or to leave it."
    ),
    Alarm.Kind.HELD: gettext_lazy(
        "Nothing more of it goes out. Its page says why: ask its partner to put that right and to send "
        "it after all, or to leave it."
    ),
    Alarm.Kind.VOID: gettext_lazy(
        "It does not go out before it is approved again. Its page says what changed: ask its partner to "
        "look at it, and to ask for approval anew or to cancel it."
    ),
}


def explain_remedy(kind: str) -> str:
    """Return what to do about an alarm; nothing where its name says it."""
    return str(_REMEDIES.get(Alarm.Kind(kind), ""))
