"""What is measured, as data: name, unit, what the figure says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """Describe one figure."""

    name: str
    unit: str
    says: str


CATALOG = (
    Measure("cold start", "s", "a fresh clone, `make run`, until the first page answers"),
    Measure("warm start", "s", "`make run` again, until the first page answers"),
    Measure("demo", "s", "`make demo` on a house that is set up, from start to table"),
    Measure(
        "hand-over", "messages/s", "from the launch to the last message handed to the provider"
    ),
    Measure("receipts", "deliveries/s", "from the launch to the last final receipt folded"),
    Measure(
        "CMS home",
        "s",
        "the first page of the CMS with 5,000 facts and 2,000 messages, each in 8 languages",
    ),
    Measure("CMS home queries", "queries", "what that page asks of the database"),
    Measure("sweep", "rows/s", "100,000 facts marked as expired and taken down by the clock"),
    Measure("plain update", "rows/s", "the same columns of the same rows in one bare UPDATE"),
)
