"""The audit in words: what was done, to what, and in a sentence each what was counted then."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from campaigns.going_out.canaries import CHANGED, ENDED, HELD, RESTORED, UNPLANNED
from campaigns.going_out.canary_rules import FAILING, NOBODY, STOPS
from campaigns.models import Membership, Question
from campaigns.staff import GROUP_NAMES, WORDS
from campaigns.templatetags.desk import about
from campaigns.wordings import explain_category
from cms.models import TestResult
from locales.countries import COUNTRIES, country_name

Says = Callable[[int | str], str]

_VERBS = {
    "prepared": gettext_lazy("prepared"),
    "changed": gettext_lazy("changed"),
    "asked": gettext_lazy("asked for approval"),
    "approved": gettext_lazy("approved"),
    "tried_to_approve": gettext_lazy("tried to approve and may not"),
    "returned": gettext_lazy("returned with a reason"),
    "voided": gettext_lazy("approval void: something changed"),
    "launched": gettext_lazy("began to send"),
    "held": gettext_lazy("held back at its time"),
    "missed": gettext_lazy("missed its time"),
    "paused": gettext_lazy("paused"),
    "resumed": gettext_lazy("let go on"),
    "cancelled": gettext_lazy("ended for good"),
    "left_unsent": gettext_lazy("left unsent"),
    "canary_passed": gettext_lazy("the first few fared well"),
    "canary_stopped": gettext_lazy("stopped after the first few"),
    "planned_again": gettext_lazy("had sent what the provider never got"),
    "left_unknown": gettext_lazy("left as unknown for good"),
    "released": gettext_lazy("let the others follow all the same"),
    "saw_count": gettext_lazy("saw how many people it is"),
    "moved": gettext_lazy("moved to another time"),
    "recalled": gettext_lazy("prepared a correction"),
    "answered": gettext_lazy("answered"),
    "opened": gettext_lazy("opened"),
    "closed": gettext_lazy("closed"),
    "reopened": gettext_lazy("opened again"),
    "invited": gettext_lazy("invited"),
    "withdrew": gettext_lazy("took back"),
    "joined": gettext_lazy("joined"),
    "left": gettext_lazy("left"),
    "ended": gettext_lazy("ended"),
    "activated": gettext_lazy("activated"),
    "brought": gettext_lazy("brought"),
    "refused": gettext_lazy("refused"),
    "discarded": gettext_lazy("thrown away"),
    "added": gettext_lazy("added"),
    "saved": gettext_lazy("saved"),
    "tested": gettext_lazy("tested"),
    "halted": gettext_lazy("halted"),
    "stopped_all": gettext_lazy("stopped everything"),
    "let_all_go": gettext_lazy("let everything go on"),
    "switched_on": gettext_lazy("switched on"),
    "switched_off": gettext_lazy("switched off"),
    "submitted": gettext_lazy("submitted to WhatsApp"),
    "ran": gettext_lazy("ran"),
    "removed": gettext_lazy("taken back"),
    "made_feed": gettext_lazy("made a private calendar address"),
    "ended_feed": gettext_lazy("ended a private calendar address"),
    "dropped_factors": gettext_lazy("removed a second factor that was lost"),
}
_KINDS = {
    "broadcast": gettext_lazy("broadcast"),
    "price": gettext_lazy("price"),
    "import": gettext_lazy("list"),
    "partner": gettext_lazy("partner"),
    "membership": gettext_lazy("person’s role"),
    "staff": gettext_lazy("staff role"),
    "invitation": gettext_lazy("invitation"),
    "person": gettext_lazy("person"),
    "budget": gettext_lazy("budget"),
    "campaign": gettext_lazy("campaign"),
    "segment": gettext_lazy("segment"),
    "question": gettext_lazy("question"),
    "answer": gettext_lazy("prepared answer"),
    "session": gettext_lazy("session face to face"),
    "contact": gettext_lazy("contact point"),
    "phone": gettext_lazy("test phone"),
    "sender": gettext_lazy("sender"),
    "country": gettext_lazy("country"),
    "word": gettext_lazy("join word"),
    "alarm": gettext_lazy("alarm"),
    "code": gettext_lazy("error code"),
    "sending": gettext_lazy("all sending"),
    "retention": gettext_lazy("retention"),
    "wording": gettext_lazy("WhatsApp wordings"),
}
# What of a broadcast was not as somebody had approved it.
_CHANGED = {
    "message": gettext_lazy("the message"),
    "text": gettext_lazy("a text"),
    "wording": gettext_lazy("what WhatsApp says of a wording"),
    "audience": gettext_lazy("the audience"),
    "time": gettext_lazy("the time"),
    "quiet": gettext_lazy("the quiet hours"),
    "order": gettext_lazy("the order of the channels"),
    "sender": gettext_lazy("the sender that was chosen"),
    "campaign": gettext_lazy("the limits of its campaign"),
    "corrects": gettext_lazy("what it corrects"),
    "senders": gettext_lazy("who may send it"),
    "people": gettext_lazy("how many people it goes to"),
    "fewer": gettext_lazy("how many people it goes to"),
    "price": gettext_lazy("the price"),
    "approvals": gettext_lazy("who has approved it"),
    "approvers": gettext_lazy("who may approve for this partner"),
}
# Why the others did not follow the first few, and what somebody overruled.
_REASONS = {
    FAILING: gettext_lazy("too many failed"),
    STOPS: gettext_lazy("too many said stop"),
    NOBODY: gettext_lazy("it reached nobody"),
    HELD: gettext_lazy("the message may not go out"),
    CHANGED: gettext_lazy("something is not as it was approved"),
    RESTORED: gettext_lazy("the database was restored"),
    UNPLANNED: gettext_lazy("the others cannot be planned"),
    ENDED: gettext_lazy("it was ended before"),
}
_ROLES = {
    **dict(Membership.Role.choices),
    **{word: GROUP_NAMES[group] for group, word in WORDS.items()},
}


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


def _number(value: int | str) -> str:
    return format_decimal(value, locale=_locale()) if isinstance(value, int) else value


def _people(value: int | str) -> str:
    """Return a number of people as the pages show it; the chain keeps the figure."""
    return about(value) if isinstance(value, int) else value


def _country(code: int | str) -> str:
    return country_name(str(code), get_language() or "en") if code in COUNTRIES else str(code)


def _day(written: int | str) -> str:
    return format_date(date.fromisoformat(str(written)), "d MMMM y", locale=_locale())


def _month(written: int | str) -> str:
    return format_date(date.fromisoformat(f"{written}-01"), "LLLL y", locale=_locale())


def _money(written: int | str) -> str:
    """Return an amount in words, of a currency's three letters with the figure behind them."""
    currency, figure = str(written)[:3], Decimal(str(written)[3:])
    return format_currency(figure, currency, "#,##0.00\u00a0¤¤", locale=_locale())


def _one_of(names: Mapping[str, Promise | str]) -> Says:
    """Return what names one code, or several with commas between them."""

    def say(codes: int | str) -> str:
        named = [_name(names, code) for code in str(codes).split(",") if code]
        return ", ".join(dict.fromkeys(named))

    return say


# What is said of each detail, and how its value is written.
_DETAILS: dict[str, tuple[Promise, Says]] = {
    "people": (gettext_lazy("Number of people: %(value)s."), _people),
    "first": (gettext_lazy("The first few alone at first: %(value)s."), _people),
    "needed": (gettext_lazy("Approvals that it needs: %(value)s."), _number),
    "of": (gettext_lazy("Approvals that it needs: %(value)s."), _number),
    "standing": (gettext_lazy("Approvals it has now: %(value)s."), _number),
    "unsent": (gettext_lazy("Messages that were not sent: %(value)s."), _people),
    "changed": (gettext_lazy("What was changed: %(value)s."), _one_of(_CHANGED)),
    "why": (gettext_lazy("Because %(value)s."), _one_of(_REASONS)),
    "despite": (gettext_lazy("Although %(value)s."), _one_of(_REASONS)),
    "tried": (gettext_lazy("Messages handed over: %(value)s."), _people),
    "failed": (gettext_lazy("Messages that failed: %(value)s."), _people),
    "stopped": (gettext_lazy("People who said stop: %(value)s."), _people),
    "heads": (gettext_lazy("People met: %(value)s."), _number),
    "rows": (gettext_lazy("Lines in it: %(value)s."), _number),
    "parts": (gettext_lazy("Parts of the answer: %(value)s."), _number),
    "country": (gettext_lazy("For %(value)s."), _country),
    "month": (gettext_lazy("Of %(value)s."), _month),
    "role": (gettext_lazy("The role: %(value)s."), _one_of(_ROLES)),
    "user": (gettext_lazy("The person has the number %(value)s here."), str),
    "instead_of": (gettext_lazy("It goes in the place of broadcast %(value)s."), str),
    "by": (gettext_lazy("See broadcast %(value)s."), str),
    "outcome": (
        gettext_lazy("How it ended: %(value)s."),
        _one_of(dict(Question.Outcome.choices)),
    ),
    "result": (gettext_lazy("What came of it: %(value)s."), _one_of(dict(TestResult.choices))),
    "amount": (gettext_lazy("One part costs %(value)s."), str),
    "currency": (gettext_lazy("In %(value)s."), str),
    "granted": (gettext_lazy("It may be spent: %(value)s."), _money),
    "valid_from": (gettext_lazy("It counts from %(value)s."), _day),
    "category": (
        gettext_lazy("For wordings of this category: %(value)s."),
        lambda value: explain_category(str(value)),
    ),
    "sender": (gettext_lazy("Of the sender with the number %(value)s."), str),
}
# Proof for a machine, and only noise for a reader.
_UNSAID = {"digest"}
# Most broadcasts go to all at once: of them there is no first few to speak of.
_UNSAID_WHERE_NONE = {"first"}


def name_verb(verb: str) -> str:
    """Return a deed in words."""
    return _name(_VERBS, verb)


def name_kind(kind: str) -> str:
    """Return what a deed was done to, in words."""
    return _name(_KINDS, kind)


def describe_details(details: Mapping[str, int | str]) -> str:
    """Return what was counted, in a sentence for each."""
    said = {
        name: value
        for name, value in details.items()
        if name not in _UNSAID and (value or name not in _UNSAID_WHERE_NONE)
    }
    return " ".join(_say(name, value) for name, value in said.items())


def has_words(*, verb: str = "", kind: str = "", detail: str = "") -> bool:
    """Say whether all of these are known here."""
    known = (_VERBS, verb), (_KINDS, kind), ({*_DETAILS, *_UNSAID}, detail)
    return all(word in words for words, word in known if word)


def _say(name: str, value: int | str) -> str:
    if name not in _DETAILS:
        return _("%(what)s: %(value)s") % {"what": name.replace("_", " "), "value": value}
    says, write = _DETAILS[name]
    return str(says) % {"value": write(value)}


def _name(names: Mapping[str, Promise | str], word: str) -> str:
    return str(names[word]) if word in names else word.replace("_", " ")
