"""The words themselves: what betrays a reader, what alarms her, what she cannot follow."""

from collections.abc import Iterable, Iterator
from datetime import date

from cms.linting.matching import excerpt, find_words
from cms.linting.reading_level import FEWEST_WORDS, Score, count_words, has_formula, score
from cms.linting.values import DraftMessage, Spot
from locales.languages import get_language

BETRAYING = frozenset({"route", "destination", "smuggling", "agency", "asylum", "violence"})
ALARMING = frozenset({"alarming"})
READ_FIELDS = ("sms_text", "whatsapp_text", "web_summary")


def find_nothing(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that no box holds a text."""
    if not draft.written():
        yield Spot("sms_text")


def find_betraying_words(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each word that harms on a seized phone, in a text that comes unasked."""
    return _find_listed(draft, draft.unasked, BETRAYING)


def find_alarming_words(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each word that alarms or blames, in any text."""
    return _find_listed(draft, [name for name, _text in draft.written()], ALARMING)


def find_missing_list(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that nothing can be found in this language, because nobody has listed its words."""
    if draft.written() and not any(word.kind in BETRAYING for word in draft.words):
        yield Spot("", get_language(draft.language).endonym)


def _find_listed(
    draft: DraftMessage, names: Iterable[str], kinds: frozenset[str]
) -> Iterator[Spot]:
    words = [word for word in draft.words if word.kind in kinds]
    for name, text in draft.written(names):
        seen = set()
        for hit in find_words(text, words, language=draft.language):
            if hit.found.casefold() not in seen:
                seen.add(hit.found.casefold())
                yield Spot(name, hit.found, excerpt(text, hit.start, hit.end))


# ---- How hard it is to read --------------------------------------------------------------------


def find_hard_texts(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each text above the limit of its language; short ones are read together."""
    for name, found in read_scores(draft):
        if found.is_hard:
            yield Spot(name, found.shown, found.limit)


def read_scores(draft: DraftMessage) -> Iterator[tuple[str, Score]]:
    """Give the score of each text that is long enough, and one for the short ones together."""
    texts = draft.written(READ_FIELDS)
    short = [(name, text) for name, text in texts if count_words(text) < FEWEST_WORDS]
    together = "\n".join(text for _name, text in short)
    long = [pair for pair in texts if pair not in short]
    for name, text in [*long, *((name, together) for name, _text in short[:1])]:
        if found := score(text, language=draft.language):
            yield name, found


def find_unread_texts(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that nobody has read this aloud, in a language that has no formula."""
    if not has_formula(draft.language) and not draft.plain_language and draft.written():
        yield Spot("plain_language")
