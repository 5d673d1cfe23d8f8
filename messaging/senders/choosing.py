"""Choosing a sender: a pure rule over frozen values, each answer with its reason in words.

Nothing here asks a database or a clock: `messaging.senders.roster` loads what the rule needs to know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from messaging.models import CountryRule, Sender, SenderCountry
from messaging.wire import SMS

_LONGEST_REASON = 200
# GSM 03.40: eleven characters of seven bits.
_LONGEST_NAME = 11


@dataclass(frozen=True, slots=True)
class Wish:
    """Say what is to be sent: by which channel, to which country, and whether an answer must come back.

    Without a country any sender of the channel will do. `strict` is a live deployment: there a sender
    without a registration on record is not offered. A `chosen` sender serves alone or nobody does.
    """

    channel: str
    country: str = ""
    needs_reply: bool = False
    strict: bool = False
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold what is known of one sender for one country; `left` is of its day, None without a limit."""

    pk: int
    name: str
    channel: str
    provider: str
    kind: str = Sender.Kind.NUMBER.value
    two_way: bool = False
    priority: int = 0
    registration: str | None = None
    cost: Decimal | None = None
    left: int | None = None
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold what a country allows: a name as sender, an answer by SMS."""

    alpha_sender: str
    two_way: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold one sender that may serve, and why it stands where it stands."""

    sender: int
    provider: str
    reason: str


def rank_senders(
    wish: Wish, candidates: Iterable[Candidate], rule: Rule | None = None
) -> list[Choice]:
    """Return those who may serve, the best first: free to send, then as people ordered them, then cheap.

    Who is halted or has used up the day comes last: what it is given waits.
    """
    fit = [one for one in candidates if not find_obstacle(wish, one, rule)]
    if wish.chosen is not None:
        return [
            Choice(one.pk, one.provider, _explain_chosen(one)[:_LONGEST_REASON])
            for one in fit
            if one.pk == wish.chosen
        ]
    fit.sort(key=_order)
    return [
        Choice(one.pk, one.provider, _give_reason(one, place, len(fit))[:_LONGEST_REASON])
        for place, one in enumerate(fit)
    ]


def find_obstacle(wish: Wish, one: Candidate, rule: Rule | None = None) -> str:
    """Return why a sender cannot serve a wish at all; empty where it can."""
    if one.channel != wish.channel:
        return _("serves another channel")
    if wish.country and (missing := _miss_registration(wish, one, rule)):
        return missing
    if wish.needs_reply and wish.channel == SMS:
        return _miss_reply(one, rule if wish.country else None)
    return ""


def explain_none(wish: Wish, candidates: Iterable[Candidate], rule: Rule | None = None) -> str:
    """Return, for a wish that nobody can serve, what is missing and what to do."""
    where = f"{wish.channel} in {wish.country}" if wish.country else wish.channel
    if wish.chosen is not None:
        told = [find_obstacle(wish, one, rule) for one in candidates if one.pk == wish.chosen]
        why = told[0] if told else _("it is switched off")
        return _("The chosen sender does not serve %(where)s: %(why)s.") % {
            "where": where,
            "why": why,
        }
    told = [
        f"{one.name}: {find_obstacle(wish, one, rule)}"
        for one in candidates
        if one.channel == wish.channel
    ]
    if not told:
        return _("No active sender serves %(where)s. Add one first.") % {"where": where}
    return _("No sender serves %(where)s. %(told)s.") % {"where": where, "told": "; ".join(told)}


def find_misfit(channel: str, *, kind: str, address: str, two_way: bool) -> list[tuple[str, str]]:
    """Return what does not fit together in a sender: the field and why."""
    found = []
    if kind == Sender.Kind.NAME and two_way:
        found.append(("two_way", _("Nobody can answer a name.")))
    if kind == Sender.Kind.NAME and channel != SMS:
        found.append(("kind", _("Only an SMS can come from a name.")))
    if kind == Sender.Kind.NAME and not (1 <= len(address) <= _LONGEST_NAME and address.isascii()):
        found.append(("address", _("A name has at most 11 letters and figures, in Latin script.")))
    is_number = address.startswith("+") and address[1:].isdecimal()
    if kind == Sender.Kind.NUMBER and address and not is_number:
        found.append(("address", _("Write the number with + and its country code.")))
    return found


def _miss_registration(wish: Wish, one: Candidate, rule: Rule | None) -> str:
    is_name = one.kind == Sender.Kind.NAME
    if is_name and rule is not None and rule.alpha_sender == CountryRule.Answer.NO:
        return _("names are replaced by numbers there: use a number or a short code")
    if one.registration == SenderCountry.State.ACTIVE:
        return ""
    if one.registration == SenderCountry.State.REFUSED:
        return _("its registration there was refused: register another one")
    if one.registration == SenderCountry.State.SUBMITTED:
        return _("its registration there is not through: wait for it, then mark it as active")
    asked = is_name and rule is not None and rule.alpha_sender == CountryRule.Answer.REGISTRATION
    if one.registration == SenderCountry.State.DRAFT or wish.strict or asked:
        return _("it is not registered there: register it, then mark it as active")
    return ""


def _miss_reply(one: Candidate, rule: Rule | None) -> str:
    if one.kind == Sender.Kind.NAME:
        return _("nobody can answer a name: use a number or a short code")
    if not one.two_way:
        return _("nobody can answer it: switch on replies at its provider, then here")
    if rule is not None and rule.two_way == CountryRule.Answer.NO:
        return _("answers by SMS do not come back from there: offer a page instead")
    return ""


def _order(one: Candidate) -> tuple[bool, bool, int, bool, Decimal, int]:
    # Of two that are alike, the one that people can answer; unknown costs come after known ones.
    cost = Decimal("Infinity") if one.cost is None else one.cost
    return one.halted, one.left == 0, one.priority, not one.two_way, cost, one.pk


def _explain_chosen(one: Candidate) -> str:
    said = _("Chosen for this broadcast.")
    return f"{said} {_give_reason(one, 0, 1)}" if one.halted or one.left == 0 else said


def _give_reason(one: Candidate, place: int, among: int) -> str:
    if one.halted:
        return _("It is halted: what it is given waits until somebody lets it go on.")
    if one.left == 0:
        return _("It has used up its day: what it is given waits.")
    if among == 1:
        return _("The only sender that may send there.")
    said = [_("priority %(number)s") % {"number": one.priority}]
    if one.cost is not None:
        said.append(_("%(cost)s a part") % {"cost": f"{one.cost.normalize():f}"})
    if one.two_way:
        said.append(_("people can answer"))
    if one.left is not None:
        said.append(_("%(number)s left of its day") % {"number": one.left})
    return _("%(place)s of %(among)s: %(why)s.") % {
        "place": place + 1,
        "among": among,
        "why": ", ".join(said),
    }
