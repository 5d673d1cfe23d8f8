"""The ten invariants, asserted by one function after every scenario: what may never be, whatever broke."""

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.faults.ledger import Entry, count_taken, fastest_second
from tests.faults.rig import HANDED, Rig

SECOND = 1_000_000_000
CALL_SECONDS = 10
# What the contract of the engine says may be on the wire at once, for each process and sender.
CALLS_AT_ONCE = 100
# A word that stands nowhere else: whatever log, broker or revision holds it holds a text.
CANARY = "zilpzalp"
# Every number of ours is fictional, so that it is easily told from anything else.
_NUMBER = re.compile(rb"\+?999(?:221|223|220)\d{7}")
_TASK_BODY = re.compile(rb'"body[\\"]*: [\\"]*((?:[A-Za-z0-9+/]{4})+={0,2})')
_Claim = tuple[str, str]


@dataclass(slots=True)
class Story:
    """Hold what a scenario did, so that what may follow from it is known."""

    kills: int = 0
    calls_at_once: int = CALLS_AT_ONCE
    # Answers from which nobody can know whether a message was taken.
    unclear: int = 0
    # After reconciling nothing that was taken may be unknown.
    reconciled: bool = False
    # When a person's stop was committed (ns), by her id.
    stops: dict[int, int] = field(default_factory=dict)
    # From when to when (ns) a batch was paused, or cancelled.
    pauses: list[tuple[int, int]] = field(default_factory=list)
    # Parts in a second that a sender may not go above, and how many parts a message has.
    limits: dict[str, float] = field(default_factory=dict)
    parts: int = 1
    # What the broker was told, where there is one.
    broker: list[bytes] = field(default_factory=list)
    # A rest may wait on purpose: behind a pause or a fence.
    may_wait: bool = False
    # States that receipts may have brought.
    receipts: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold everything there is to judge by."""

    rig: Rig
    story: Story
    entries: list[Entry]
    rows: dict[int, dict[str, Any]]
    batches: dict[int, dict[str, Any]]
    history: list[dict[str, Any]]

    @property
    def taken(self) -> list[Entry]:
        """Return what the provider has."""
        return [entry for entry in self.entries if entry.taken]


def assert_invariants(rig: Rig, story: Story) -> Counter[str]:
    """Fail with every broken invariant, in words; return the count of each state."""
    seen = _look(rig, story)
    broken = [f"{name}: {said}" for check in CHECKS for name, said in check(seen)]
    states = Counter(row["state"] for row in seen.rows.values())
    assert not broken, "\n".join([*broken, f"states: {dict(states)}"])
    return states


def _look(rig: Rig, story: Story) -> Seen:
    with psycopg.connect(rig.database, row_factory=psycopg.rows.dict_row) as held:
        held.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rows = held.execute("SELECT * FROM messaging_delivery").fetchall()
        batches = held.execute("SELECT * FROM messaging_batch").fetchall()
        history = held.execute(
            "SELECT *, (extract(epoch FROM at) * 1e9)::bigint AS ns FROM faults_history ORDER BY id"
        ).fetchall()
    return Seen(
        rig,
        story,
        rig.provider.entries(),
        {row["id"]: row for row in rows},
        {row["id"]: row for row in batches},
        history,
    )


def _check_once(seen: Seen) -> Iterator[_Claim]:
    counts = count_taken(seen.entries)
    doubled = {key: times for key, times in counts.items() if times > 1}
    if doubled:
        yield "I1", f"{len(doubled)} deliveries were accepted more than once: {_some(doubled)}"
    people: Counter[tuple[int, str]] = Counter()
    for entry in seen.taken:
        if entry.delivery in seen.rows:
            people[seen.rows[entry.delivery]["batch_id"], entry.to] += 1
    twice = sum(times > 1 for times in people.values())
    if twice:
        yield "I1", f"{twice} people got one broadcast more than once"
    missing = [pk for pk, row in seen.rows.items() if row["state"] in HANDED and not counts[pk]]
    if missing:
        yield "I1", f"{len(missing)} deliveries are {HANDED} and in no ledger: {_some(missing)}"
    again = [entry for entry in seen.entries if "again=" in entry.path]
    if again:
        yield "I1", f"{len(again)} redirects were followed"


def _check_sums(seen: Seen) -> Iterator[_Claim]:
    by_batch: dict[int, Counter[str]] = defaultdict(Counter)
    for row in seen.rows.values():
        by_batch[row["batch_id"]][row["state"]] += 1
    for pk, batch in seen.batches.items():
        counts = by_batch[pk]
        if counts.total() != batch["size"]:
            yield "I2", f"batch {pk}: the states sum to {counts.total()} of {batch['size']}"
        moving = counts["claimed"] + counts["submitting"]
        if moving:
            yield "I2", f"batch {pk}: {moving} deliveries still move"
        if counts["planned"] and not seen.story.may_wait:
            yield "I2", f"batch {pk}: {counts['planned']} deliveries were never tried"


def _check_both_ways(seen: Seen) -> Iterator[_Claim]:
    counts = count_taken(seen.entries)
    allowed = {*HANDED, "unknown"} | ({"failed"} if seen.story.receipts else set())
    if seen.story.reconciled:
        allowed -= {"unknown"}
    strangers = [pk for pk in counts if pk not in seen.rows]
    if strangers:
        yield "I3", f"{len(strangers)} entries of the ledger belong to no delivery"
    wrong = Counter(
        seen.rows[pk]["state"]
        for pk in counts
        if pk in seen.rows and seen.rows[pk]["state"] not in allowed
    )
    if wrong:
        yield "I3", f"taken by the provider, and here {dict(wrong)}"


def _check_stops(seen: Seen) -> Iterator[_Claim]:
    stops = seen.story.stops
    late = [
        step["delivery"]
        for step in seen.history
        if step["after"] == "submitting"
        and step["delivery"] in seen.rows
        and step["ns"] > stops.get(seen.rows[step["delivery"]]["subscriber_id"], step["ns"])
    ]
    if late:
        yield "I4", f"{len(late)} deliveries were submitted after the stop: {_some(late)}"
    after = []
    for entry in seen.taken:
        row = seen.rows.get(entry.delivery)
        stopped = stops.get(row["subscriber_id"]) if row else None
        if stopped is not None and entry.came > stopped:
            after.append(entry.came - stopped)
    if after and max(after) > CALL_SECONDS * SECOND:
        yield "I4", f"a message came {max(after) / SECOND:.1f} s after the stop"


def _check_pauses(seen: Seen) -> Iterator[_Claim]:
    for begun, ended in seen.story.pauses:
        late = [entry.came - begun for entry in seen.entries if begun < entry.came < ended]
        if len(late) > seen.story.calls_at_once:
            yield "I5", f"{len(late)} calls came while it was paused"
        if late and max(late) > CALL_SECONDS * SECOND:
            yield "I5", f"a call came {max(late) / SECOND:.1f} s after the pause"


def _check_occurrences(seen: Seen) -> Iterator[_Claim]:
    doubled = seen.rig.ask(
        "SELECT broadcast_id, occurs_at FROM campaigns_occurrence GROUP BY 1, 2 HAVING count(*) > 1"
    )
    if doubled:
        yield "I6", f"{len(doubled)} occurrences were made twice"


def _check_unknown(seen: Seen) -> Iterator[_Claim]:
    unknown = [pk for pk, row in seen.rows.items() if row["state"] == "unknown"]
    most = seen.story.kills * seen.story.calls_at_once + seen.story.unclear
    if len(unknown) > most:
        yield "I7", f"{len(unknown)} are unknown, where at most {most} can be"
    if seen.story.reconciled:
        taken = set(unknown) & set(count_taken(seen.entries))
        if taken:
            yield "I7", f"{len(taken)} that the provider lists are unknown after reconciling"


def _check_rate(seen: Seen) -> Iterator[_Claim]:
    for sender, limit in seen.story.limits.items():
        moments = [entry.came for entry in seen.entries if entry.sender == sender]
        fastest = fastest_second(moments, parts=seen.story.parts)
        if fastest > limit * 1.1:
            yield "I8", f"{fastest} parts in one second, where {limit:.0f} are allowed"


def _check_privacy(seen: Seen) -> Iterator[_Claim]:
    for path in seen.rig.logs:
        if path.exists() and holds_secret(path.read_bytes()):
            yield "I9", f"a log holds a number or a text: {path.name}"
    for table in ("wagtailcore_revision", "wagtailcore_modellogentry"):
        found = _search(seen.rig, table)
        if found:
            yield "I9", f"{found} rows of {table} hold a number or a text"
    if any(map(holds_secret, seen.story.broker)):
        yield "I9", "the broker was told a number or a text"


def _search(rig: Rig, table: str) -> int:
    with psycopg.connect(rig.database) as held:
        said = held.execute(f"SELECT t::text FROM {table} t").fetchall()
    return sum(holds_secret(row[0].encode()) for row in said)


def holds_secret(said: bytes) -> bool:
    """Say whether a number or a text of ours is in it, or in a task's body, which Celery packs."""
    parts = [said, *map(base64.b64decode, _TASK_BODY.findall(said))]
    return any(CANARY.encode() in part or _NUMBER.search(part) for part in parts)


def _check_ranks(seen: Seen) -> Iterator[_Claim]:
    wrong = Counter(
        f"{step['before']} to {step['after']}" for step in seen.history if not _may_step(step)
    )
    if wrong:
        yield "I10", f"steps that are not allowed: {dict(wrong)}"


def _may_step(step: dict[str, Any]) -> bool:
    before, after = step["rank_before"], step["rank_after"]
    if before is None:
        return False
    if after is None:
        return bool(step["before"] in ("planned", "claimed"))
    if after >= before:
        # From planned one only comes to the wire by way of a claim.
        return bool(step["after"] != "submitting" or step["before"] == "claimed")
    same_attempt = step["attempts"] == step["attempts_before"]
    downs = {("claimed", "planned"), ("submitting", "planned"), ("unknown", "planned")}
    return (step["before"], step["after"]) in downs and bool(same_attempt)


def _some(found: Any) -> str:
    return ", ".join(str(one) for one in list(found)[:5])


CHECKS: tuple[Callable[[Seen], Iterator[_Claim]], ...] = (
    _check_once,
    _check_sums,
    _check_both_ways,
    _check_stops,
    _check_pauses,
    _check_occurrences,
    _check_unknown,
    _check_rate,
    _check_privacy,
    _check_ranks,
)
