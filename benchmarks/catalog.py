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
    Measure("stored page", "requests/s", "a page for readers from the table of stored answers"),
    Measure("static file", "requests/s", "the same bytes as a static file of the same process"),
    Measure("stored to static", "times", "the one beside the other, turn by turn; at least 0.5"),
    Measure("made anew", "ms", "the same page where nothing is stored"),
    Measure("heaviest page", "KB", "the most that one page for readers asks of the wire"),
    Measure("most requests", "requests", "the most that one page for readers asks for"),
    Measure("first paint 2G", "times", "the worst page beside a hand-written one of 9 KB"),
    Measure("first paint slow 3G", "times", "the same with 400 kbit/s and 400 ms"),
    Measure("Lighthouse performance", "points", "the lowest of all page types, mobile"),
    Measure("Lighthouse accessibility", "points", "the lowest of all page types"),
    Measure("Lighthouse best-practices", "points", "the lowest of all page types"),
)
