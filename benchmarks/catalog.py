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
    Measure(
        "desk list",
        "ms",
        "the desk's list with 10,000 broadcasts of 200 partners, the slowest page; under 150",
    ),
    Measure("desk list queries", "queries", "what that page asks of the database; under 25"),
    Measure("desk calendar", "ms", "a month, a week or a list of days of the same; under 150"),
    Measure("desk calendar queries", "queries", "what that page asks of the database; under 25"),
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
    Measure("seal", "thousand/s", "numbers encrypted, each under its row, on one core"),
    Measure("seal to bare", "times", "beside the bare primitive, turn by turn; at least 0.5"),
    Measure("reveal", "thousand/s", "numbers opened again"),
    Measure("reveal to bare", "times", "the same beside the bare primitive; at least 0.5"),
    Measure("look-up hash", "thousand/s", "keyed hashes by which a number is found"),
    Measure("look-up hash to bare", "times", "the same beside a bare HMAC; at least 0.5"),
    Measure("keywords folded", "a second", "messages reduced to bare words, on one core"),
    Measure("STOP recognised", "a second", "messages that mean STOP, on one core"),
    Measure("sentences read", "a second", "messages that mean nothing of the kind, on one core"),
    Measure("CSV list", "rows/s", "5,000 lines read, checked, looked up and kept"),
    Measure("XLSX list", "rows/s", "the same from a workbook"),
    Measure("bare parsing", "rows/s", "phonenumbers alone on as many numbers, in the same run"),
    Measure("eligible broad", "ms", "1.87 of two million people counted, on PostgreSQL"),
    Measure("eligible broad capped", "ms", "the same with a cap of two messages in a week"),
    Measure("eligible one route", "ms", "167,000 of them"),
    Measure("eligible narrow", "ms", "4,090 of them: a route, a country, a language, a channel"),
    Measure("eligible narrow capped", "ms", "the same with the cap"),
    Measure("eligible rare", "ms", "1,000 people of one rare topic, with the cap"),
    Measure("planned", "s", "a million deliveries planned, on PostgreSQL, with the commit"),
    Measure("bare insert", "s", "as many rows into the same table by a bare INSERT … SELECT"),
    Measure("planned to bare", "times", "the one beside the other, turn by turn; at most 1.3"),
    Measure("planner's memory", "MB", "what the process took more while it planned them"),
    Measure("junk taken", "a second", "junk callbacks answered while people say STOP"),
    Measure("STOP p50", "ms", "from the request to its commit, under that flood; the median"),
    Measure("STOP p99", "ms", "the slowest of a hundred; at most 2,000"),
)
