"""No fear without a way out: risks need options, pathways their facts; some things are never pushed."""

import re
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.freshness import Age
from cms.linting.dates import CONTACT, age_of_use, box_of
from cms.linting.languages import read_numbers
from cms.linting.matching import tokenize
from cms.linting.values import DraftMessage, Spot, Used

NEVER_PUSHED = frozenset(
    {
        "violence_robbery",
        "kidnapping_ransom",
        "trafficking_forced_labour",
        "sexual_exploitation_gbv",
    }
)
# Going home is a choice: it is told to those who ask, and pressed on nobody.
ON_REQUEST_ONLY = {"go_home": _("Going home")}


def find_risks_without_option(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Give each risk, with the countries in which the message offers no way out of it."""
    risks = [use.key for use in draft.uses if use.is_risk]
    if not risks:
        return
    options = [use for use in draft.uses if _is_option(use, today)]
    left_out = [code for code in draft.countries if not any(_serves(use, code) for use in options)]
    if left_out or not options:
        yield Spot("pathways", ", ".join(risks), ", ".join(left_out) or "–")


def _is_option(use: Used, today: date) -> bool:
    is_offer = use.direct and use.kind in {"pathway", CONTACT}
    return is_offer and not use.is_dead and age_of_use(use, today) != Age.EXPIRED


def _serves(use: Used, country: str) -> bool:
    return not use.countries or country in use.countries


def find_incomplete_pathways(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each pathway that does not say what a person must know, with what is missing."""
    for use in draft.uses:
        if use.missing:
            yield Spot(box_of(use), use.key, ", ".join(use.missing))


def find_sensitive_pushes(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give what may never reach a phone unasked, in a message that may."""
    if not draft.is_push:
        return
    if draft.pattern in ON_REQUEST_ONLY:
        yield Spot("sensitivity", str(ON_REQUEST_ONLY[draft.pattern]))
    for use in draft.uses:
        if NEVER_PUSHED.intersection(use.topics) or (use.direct and use.on_request):
            yield Spot("sensitivity", use.key)


# ---- Safety of partners ------------------------------------------------------------------------


def find_unsafe_wordings(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each flagged thing whose hard wording shows in a text, with the words that show it."""
    for use in draft.uses:
        if not use.direct or not _is_sensitive(use, draft):
            continue
        if not use.softer:
            yield Spot(box_of(use), use.key, gettext("there is none yet: write it first"))
            continue
        telling = _tell_tales(use)
        for name, text in draft.written():
            if shown := [tale for tale in telling if _shows(tale, text)]:
                yield Spot(name, use.key, gettext("not: %(words)s") % {"words": ", ".join(shown)})


def _is_sensitive(use: Used, draft: DraftMessage) -> bool:
    if not use.partner_safety:
        return False
    # Where nobody has said in which countries, or to whom it goes, it is taken to be everywhere.
    anywhere = not use.sensitive_in or not draft.audience
    return anywhere or bool(set(use.sensitive_in) & set(draft.audience))


def _tell_tales(use: Used) -> list[str]:
    """Return what only the hard wording has: its large figures, its names, three words in a row."""
    soft = use.softer
    figures = [n for n in read_numbers(use.wording) if len(n) > 2 and not _is_year(n)]
    names = re.findall(r"(?<=[^.!?] )[A-ZÀ-ÖØ-Þ][\w’'-]{3,}", use.wording)
    rows = _rows_of_three(use.wording)
    tales = [*figures, *(name for name in names if name not in _MONTHS.split()), *rows]
    return [tale for tale in dict.fromkeys(tales) if not _shows(tale, soft)]


_MONTHS = "January February March April June July August September October November December"


def _is_year(number: str) -> bool:
    return len(number) == 4 and number[:2] in {"19", "20"}


def _rows_of_three(text: str) -> list[str]:
    # "at the end" gives nothing away: two of the three must be words of some weight, and numbers
    # stand for themselves above.
    words = [token.text for token in tokenize(text)]
    rows = zip(words, words[1:], words[2:], strict=False)
    return [" ".join(row) for row in rows if sum(_has_weight(word) for word in row) > 1]


def _has_weight(word: str) -> bool:
    return len(word) > 3 and not word.isdigit()


def _shows(tale: str, text: str) -> bool:
    if tale.isdigit():
        return tale in read_numbers(text)
    wanted = " ".join(token.folded for token in tokenize(tale))
    said = " ".join(token.folded for token in tokenize(text))
    return f" {wanted} " in f" {said} "
