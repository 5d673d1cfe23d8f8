"""When which status callback goes out: a pure plan, drawn from a seeded chance.

A tenth come twice, a few come late, and some deliveries are reported before their sending, because
a real provider does all three.
"""

from dataclasses import dataclass
from random import Random

DOUBLED, SHUFFLED, LATE = 0.10, 0.08, 0.04
READ = 2 / 3

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold how many seconds each step takes, from and to."""

    steps: dict[str, Span]
    late: Span
    again: Span


_FAST_STEP, _NATURAL_STEP = (0.05, 0.6), (0.5, 5.0)
PACES: dict[str, Pace] = {
    "fast": Pace(
        steps={
            "sent": (0.02, 0.3),
            "delivered": _FAST_STEP,
            "read": (0.1, 1.5),
            "undelivered": _FAST_STEP,
            "failed": _FAST_STEP,
        },
        late=(2.0, 4.0),
        again=(0.0, 0.5),
    ),
    "natural": Pace(
        steps={
            "sent": (0.2, 1.5),
            "delivered": _NATURAL_STEP,
            "read": (3.0, 40.0),
            "undelivered": _NATURAL_STEP,
            "failed": _NATURAL_STEP,
        },
        late=(10.0, 30.0),
        again=(0.1, 5.0),
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Hold one callback to come, `delay` seconds after the message."""

    delay: float
    word: str
    code: str = ""


def plan_steps(words: tuple[str, ...], code: str, *, pace: Pace, chance: Random) -> list[Step]:
    """Return the callbacks for these words in the order of their going out."""
    delays: list[float] = []
    for word in words:
        delays.append((delays[-1] if delays else 0.0) + chance.uniform(*pace.steps[word]))
    if len(delays) > 1 and chance.random() < SHUFFLED:
        delays[0], delays[1] = delays[1], delays[0]
    elif delays and chance.random() < LATE:
        delays[-1] += chance.uniform(*pace.late)
    steps = [
        Step(delay, word, code if word in ("undelivered", "failed") else "")
        for delay, word in zip(delays, words, strict=True)
    ]
    again = [
        Step(step.delay + chance.uniform(*pace.again), step.word, step.code)
        for step in steps
        if chance.random() < DOUBLED
    ]
    return sorted(steps + again, key=lambda step: step.delay)
