"""Projecting: what the ledger of consent says of a subscriber, written onto her row and read from it.

The row holds the same standing as her entries (`messaging.consenting.standing`), kept so that one
query finds who may be sent to. Only `messaging.consenting.consent` and
`messaging.consenting.leaving` call this.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from messaging.consenting.standing import Said, Standing, Word, follow, judge
from messaging.models import ConsentEntry, Subscriber
from messaging.models.subscribers import Purpose

# The columns that hold one purpose: whether it is live, and until when.
COLUMNS: dict[str, tuple[str, str]] = {
    Purpose.MESSAGES: ("messages", "consent_until"),
    Purpose.SURVEY: ("survey", "survey_until"),
    Purpose.URGENT: ("urgent", "urgent_until"),
}
_LIVE_STATES = (Subscriber.State.SUBSCRIBED, Subscriber.State.ASKED)


def read_row(subscriber: Subscriber) -> dict[str, Standing]:
    """Return each purpose's standing as the row has it; what is not live there is none."""
    standings = {}
    for purpose, (flag, until) in COLUMNS.items():
        live = subscriber.state in _LIVE_STATES and getattr(subscriber, flag)
        standings[purpose] = Standing(Word.LIVE, getattr(subscriber, until)) if live else Standing()
    return standings


def find_live(subscriber: Subscriber) -> list[str]:
    """Return the purposes that stand on the row, whether or not their time has passed."""
    return [name for name, held in read_row(subscriber).items() if held.word is Word.LIVE]


def find_ended(subscriber: Subscriber, *, now: datetime) -> list[str]:
    """Return the purposes on the row whose time has passed."""
    held = read_row(subscriber)
    return [name for name in find_live(subscriber) if held[name].at(now).word is not Word.LIVE]


def step(subscriber: Subscriber, entries: Iterable[ConsentEntry]) -> dict[str, object]:
    """Return what the row has to hold after some new entries of this subscriber."""
    standings = read_row(subscriber)
    for entry in entries:
        said = Said(entry.verdict, entry.at, entry.until)
        standings[entry.purpose] = follow(standings[entry.purpose], said)
    return as_columns(standings)


def as_columns(standings: Mapping[str, Standing]) -> dict[str, object]:
    """Return standings as columns of a subscriber; a row without anything live is stopped."""
    columns: dict[str, object] = {}
    for purpose, (flag, until) in COLUMNS.items():
        held = standings.get(purpose, Standing())
        columns |= {flag: held.word is Word.LIVE, until: held.until}
    live = any(columns[flag] for flag, _until in COLUMNS.values())
    state = Subscriber.State.SUBSCRIBED if live else Subscriber.State.STOPPED
    return columns | {"state": state}


def judge_ledger(hashes: Iterable[bytes], channel: str, *, now: datetime) -> dict[str, Standing]:
    """Return each purpose's standing of one identity and channel from the whole ledger."""
    entries = ConsentEntry.objects.filter(number_hash__in=list(hashes), channel=channel)
    told: dict[str, list[Said]] = {purpose: [] for purpose in COLUMNS}
    for entry in entries.order_by("pk"):
        told[entry.purpose].append(Said(entry.verdict, entry.at, entry.until))
    return {purpose: judge(said, now=now) for purpose, said in told.items()}
