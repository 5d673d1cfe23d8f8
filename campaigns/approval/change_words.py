"""What changed since somebody approved it, in words: one sentence for each kind of change."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.approval.quorum import COUNTRIES, FIRST, LARGE
from locales.languages import LANGUAGES
from messaging.models.subscribers import Channel

_PREFIX = "changed_"
_CHANGES = {
    "message": gettext_lazy("It is another message."),
    "text": gettext_lazy("The text is another one: %(what)s."),
    "wording": gettext_lazy("WhatsApp treats the wording otherwise: %(what)s."),
    "audience": gettext_lazy("It goes to others: the audience was changed."),
    "time": gettext_lazy("It goes out at another time."),
    "quiet": gettext_lazy("Whether it is sent in quiet hours was changed."),
    "order": gettext_lazy("The order of the channels was changed."),
    "sender": gettext_lazy("Another sender was chosen for it, or none."),
    "campaign": gettext_lazy("Its campaign has other limits, or leaves out others."),
    "corrects": gettext_lazy("It corrects another broadcast."),
    "senders": gettext_lazy("It may come from another sender: %(what)s."),
    "people": gettext_lazy("The audience grew by more than 5 percent."),
    "fewer": gettext_lazy(
        "The audience shrank by more than 5 percent, and by more than 50 people."
    ),
    "price": gettext_lazy("The price rose by more than 5 percent."),
    "approvals": gettext_lazy("Not enough people have approved it as it is."),
    "approvers": gettext_lazy(
        "Somebody who approved it may not approve for this partner any more."
    ),
}
_NEEDS = {
    LARGE: gettext_lazy("it goes to many people"),
    FIRST: gettext_lazy("it is the first of this partner"),
    COUNTRIES: gettext_lazy("it is not limited to one country"),
}


def explain_changes(held_by: Iterable[Mapping[str, str]]) -> list[str]:
    """Return what changed, from what a broadcast keeps of it (`approving.void_approvals`)."""
    codes = [(held["code"].removeprefix(_PREFIX), held.get("what", "")) for held in held_by]
    return [_explain(code, what) for code, what in codes]


def explain_needs(reasons: Iterable[str]) -> list[str]:
    """Return why two people have to approve something, as the ends of a sentence."""
    return [str(_NEEDS[reason]) for reason in reasons]


def _explain(code: str, what: str) -> str:
    says = _CHANGES.get(code)
    if says is None:
        return _("Something was changed.")
    channel, _dot, language = what.partition(".")
    named = [str(Channel(channel).label)] if channel in Channel.values else []
    if language:
        known = LANGUAGES.get(language)
        named.append(known.endonym if known else language)
    return str(says) % {"what": ", ".join(named) or what}
