"""Exact tables: each delivery in one column, each group of rows summing to the audience."""

import pytest

from analytics.counting import recount
from analytics.reports import COLUMNS, NotCounted, Row, Table, state_table, text_table
from messaging.states import State
from tests.analytics.building import NOW, Copy, copies, make_batch

REFERENCE = "broadcast:test2345"


@pytest.fixture
def counted(db: None) -> None:
    make_batch(
        [
            *copies(12),
            *copies(4, first=50, country="SN", language="wo", state=State.FAILED),
            *(Copy(100 + n, "MR", "ar", state) for n, state in enumerate(State)),
            *(Copy(200 + n, "SN", "wo", text="fr") for n in range(40)),
            Copy(1, channel="whatsapp", state=State.READ),
        ]
    )
    recount(REFERENCE, now=NOW)


def row_of(rows: tuple[Row, ...], key: str) -> dict[str, int]:
    row = next(row for row in rows if row.key == key)
    return dict(zip(COLUMNS, row.counts, strict=True))


def test_every_state_is_in_exactly_one_column() -> None:
    states = [state for column in COLUMNS.values() for state in column]

    assert sorted(states) == sorted(State)


def test_each_group_of_rows_sums_to_the_audience(counted: None) -> None:
    table = state_table(REFERENCE)

    assert table.total.audience == 12 + 4 + len(State) + 40 + 1
    for rows in (table.countries, table.languages, table.channels):
        sums = [sum(column) for column in zip(*(row.counts for row in rows), strict=True)]
        assert sums == list(table.total.counts)
        assert sum(row.own + row.fallback for row in rows) == table.total.audience


def test_a_row_counts_by_where_deliveries_ended(counted: None) -> None:
    row = row_of(state_table(REFERENCE).countries, "MR")

    assert row == {
        "planned": 3,
        "accepted": 2,
        "delivered": 1,
        "read": 1,
        "failed": 1,
        "suppressed": 1,
        "unknown": 1,
        "not_sent": 3,
    }


def test_a_fallback_is_counted_apart(counted: None) -> None:
    wolof = state_table(REFERENCE).languages[0]

    assert (wolof.key, wolof.own, wolof.fallback, wolof.texts) == ("wo", 4, 40, ("fr", "wo"))


def test_a_batch_that_was_never_counted_is_an_error_that_says_what_to_do(db: None) -> None:
    with pytest.raises(NotCounted, match="recount broadcast:test2345"):
        state_table(REFERENCE)


def test_the_table_reads_as_plain_text(counted: None) -> None:
    text = text_table(state_table(REFERENCE))

    lines = text.splitlines()
    assert lines[0].split() == [
        *("Country", "audience", "planned", "accepted", "delivered", "read", "failed"),
        *("suppressed", "unknown", "not", "sent", "fallback"),
    ]
    assert lines[1].split()[:2] == ["Senegal", "44"]
    assert any(line.startswith("Wolof") and line.endswith("Wolof → Français") for line in lines)
    assert any(line.startswith("Arabic") and line.endswith("العربية") for line in lines)
    assert any(line.startswith("WhatsApp ") for line in lines)
    assert lines[-1].split()[:2] == ["Total", "70"]


def test_the_numbers_of_a_column_stand_under_each_other(counted: None) -> None:
    lines = text_table(state_table(REFERENCE)).splitlines()
    end = lines[0].index("audience") + len("audience")

    assert all(line[:end].rstrip() == line[:end] for line in lines if line)


def test_large_numbers_are_grouped_by_thousands() -> None:
    row = Row("", (0, 1_500, 1_000_000, 0, 0, 0, 0, 0), own=1_001_500, fallback=0, texts=())

    assert "1,001,500" in text_table(Table("", (), (), (), row))


def test_names_of_countries_are_in_the_language_asked_for(counted: None) -> None:
    assert "Mauritanie" in text_table(state_table(REFERENCE), language="fr")


def test_a_code_that_is_in_no_table_is_shown_as_it_is(db: None) -> None:
    make_batch([Copy(1, country="ZZ", language="tlh")])
    recount(REFERENCE, now=NOW)

    text = text_table(state_table(REFERENCE))

    assert "ZZ" in text
    assert "tlh" in text


def test_an_empty_batch_has_a_table_of_nothing(db: None) -> None:
    make_batch([])
    recount(REFERENCE, now=NOW)

    assert text_table(state_table(REFERENCE)).splitlines()[-1].split() == ["Total", *"0" * 10]
