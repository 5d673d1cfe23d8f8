"""Reach as a page may show it: ranges, small numbers hidden, nothing told by the order of rows."""

import pytest

from analytics.counting import recount
from analytics.reach import Reach, ReachReport, ReachRow, reach_lines, reach_report
from campaigns.models import Broadcast, Partner
from messaging.states import State
from tests.analytics.building import NOW, Copy, copies, make_batch, make_broadcast

pytestmark = pytest.mark.django_db


@pytest.fixture
def broadcast() -> Broadcast:
    return make_broadcast(Partner.objects.create(name="Red Crescent"))


def count(broadcast: Broadcast, wanted: list[Copy], *, language: str = "en") -> ReachReport:
    make_batch(wanted, reference=broadcast.reference)
    recount(broadcast.reference, now=NOW)
    report = reach_report(broadcast, language=language)
    assert report is not None
    return report


def shown(rows: tuple[ReachRow, ...]) -> list[tuple[str, int | None]]:
    return [(row.code, row.reach.low) for row in rows]


def test_reach_is_a_range_rounded_to_five(broadcast: Broadcast) -> None:
    report = count(broadcast, copies(41) + copies(12, first=100, state=State.SENT))

    assert report.total == Reach(40, 55)
    assert report.countries[0].reach == Reach(40, 55)
    assert report.counted_at == NOW


def test_there_is_no_report_before_the_first_count(broadcast: Broadcast) -> None:
    assert reach_report(broadcast) is None
    assert reach_lines([broadcast])[0].reach is None


def test_a_small_country_is_hidden_with_the_next_smallest(broadcast: Broadcast) -> None:
    report = count(
        broadcast,
        copies(60)
        + copies(30, first=100, country="SN", language="wo")
        + copies(2, first=200, country="ML", language="bm"),
    )

    assert shown(report.countries) == [("NG", 60), ("ML", None), ("SN", None)]
    assert shown(report.languages) == [("ha", 60), ("bm", None), ("wo", None)]


def test_the_order_of_hidden_rows_does_not_tell_their_sizes(broadcast: Broadcast) -> None:
    report = count(
        broadcast,
        copies(3, country="NE") + copies(9, first=50, country="SN") + copies(5, first=90),
    )

    assert [row.name for row in report.countries] == ["Niger", "Nigeria", "Senegal"]


def test_a_high_is_hidden_where_its_low_is(broadcast: Broadcast) -> None:
    report = count(
        broadcast,
        copies(60)
        + copies(3, first=100, country="SN")
        + copies(90, first=200, country="SN", state=State.SENT)
        + copies(12, first=400, country="ML"),
    )

    hidden = {row.code: row.reach for row in report.countries if row.reach.low is None}
    assert hidden == {"SN": Reach(None, None), "ML": Reach(None, None)}


def test_a_small_total_hides_everything(broadcast: Broadcast) -> None:
    report = count(broadcast, copies(9) + copies(50, first=100, state=State.FAILED))

    assert report.total == Reach(None, None)
    assert {row.reach for row in report.countries + report.languages} == {Reach(None, None)}
    assert reach_lines([broadcast])[0].reach == Reach(None, None)


def test_countries_and_languages_are_named_in_the_readers_language(broadcast: Broadcast) -> None:
    report = count(broadcast, copies(20, country="MR", language="ar"), language="fr")

    assert report.countries[0].name == "Mauritanie"
    language = report.languages[0]
    assert (language.name, language.endonym, language.direction) == ("arabe", "العربية", "rtl")


def test_a_language_says_in_which_its_people_were_written_to(broadcast: Broadcast) -> None:
    report = count(
        broadcast,
        [*copies(20, language="wo"), Copy(90, language="wo", text="fr"), *copies(30, first=200)],
    )

    texts = {row.code: row.texts for row in report.languages}
    assert texts == {"wo": ("Français", "Wolof"), "ha": ()}


def test_a_list_of_broadcasts_takes_one_query(
    broadcast: Broadcast, django_assert_num_queries: object
) -> None:
    count(broadcast, copies(20))
    other = make_broadcast(broadcast.partner)

    with django_assert_num_queries(1):  # type: ignore[operator]
        lines = reach_lines([other, broadcast])

    assert [line.reach for line in lines] == [None, Reach(20, 20)]
