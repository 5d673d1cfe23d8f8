"""Words about lists: what a verdict means and what to do about it, and how far a list has come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from campaigns.models import SheetImport
from campaigns.words import Badge
from messaging.models import SheetRow

Verdict = SheetRow.Verdict
# In the order of the page: who is asked, who need not be, and what the partner can mend.
_REMEDIES = {
    Verdict.NEW: gettext_lazy(
        "After a second person’s yes she gets a message and has to answer it."
    ),
    Verdict.HERE: gettext_lazy("Nothing happens: she gets what she asked for already."),
    Verdict.STOPPED: gettext_lazy(
        "Nothing happens. Only she herself can come back, from her own phone."
    ),
    Verdict.TWICE: gettext_lazy("The first of these lines counts."),
    Verdict.NO_CODE: gettext_lazy(
        "Write + and the country code. If the program has changed the number, give the column the "
        "format Text and type it again."
    ),
    Verdict.INVALID: gettext_lazy("Look at the number: it is too short, too long, or none."),
    Verdict.NOT_MOBILE: gettext_lazy("A fixed line gets no messages. Ask her for a mobile number."),
    Verdict.PREMIUM: gettext_lazy("Such numbers cost extra and are never taken."),
    Verdict.COUNTRY: gettext_lazy(
        "Look at the country. If it is right, people cannot join from there yet: ask your "
        "programme lead."
    ),
    Verdict.NO_CHOICE: gettext_lazy("Write a language and a route as the empty sheet names them."),
    Verdict.NO_EVIDENCE: gettext_lazy(
        "Write the day (2026-10-31, a year ago at most), “spoken” or “written”, and where the "
        "proof is."
    ),
    Verdict.FORMULA: gettext_lazy("Copy the cells and paste them back as values."),
}
_KINDS = {
    Verdict.NEW: "done",
    Verdict.HERE: "plain",
    Verdict.TWICE: "plain",
    Verdict.STOPPED: "ended",
}
_STATES = {
    SheetImport.State.CHECKED: "plain",
    SheetImport.State.ASKED: "waiting",
    SheetImport.State.TAKEN: "moving",
    SheetImport.State.REFUSED: "ended",
    SheetImport.State.LAPSED: "ended",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Hold how many lines have one verdict, and what to do about them."""

    verdict: str
    label: str
    lines: int
    remedy: str
    kind: str


def tally(counts: Mapping[str, int]) -> list[Tally]:
    """Return the counts of a dry run in words, without what nobody has."""
    return list(_tally(counts))


def _tally(counts: Mapping[str, int]) -> Iterator[Tally]:
    for verdict, remedy in _REMEDIES.items():
        if lines := counts.get(verdict):
            kind = kind_of(verdict)
            yield Tally(verdict.value, str(verdict.label), lines, str(remedy), kind)


def kind_of(verdict: str) -> str:
    """Return the kind of a verdict for the eye."""
    return _KINDS.get(Verdict(verdict), "trouble")


def make_import_badge(sheet: SheetImport) -> Badge:
    """Return how far a list has come."""
    state = SheetImport.State(sheet.state)
    return Badge(_STATES[state], str(state.label))
