"""Reach face to face: heads that were counted at sessions. Never added to what phones received."""

from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from analytics.disclosure import hide_small, publish
from campaigns.models import Heads, OutreachSession


@dataclass(frozen=True, slots=True)
class HeadRow:
    """Hold the heads of one sex and age band; None where there are too few to show."""

    sex: str
    age: str
    people: int | None


@dataclass(frozen=True, slots=True)
class OfflineReport:
    """Hold how many sessions there were, all heads together, and those of each sex and age band."""

    sessions: int
    total: int | None
    rows: tuple[HeadRow, ...]


def offline_report(sessions: QuerySet[OutreachSession]) -> OfflineReport:
    """Return the heads of some sessions, small numbers hidden."""
    held = sessions.count()
    if not held:
        return OfflineReport(0, None, ())
    counted = Heads.objects.filter(session__in=sessions.order_by().values("pk"))
    cells = {
        (sex, age): people
        for sex, age, people in counted.order_by()
        .values_list("sex", "age")
        .annotate(people=Sum("people"))
    }
    shown = hide_small(cells)
    # In the order in which they are asked: another one would tell the sizes of what is hidden.
    rows = tuple(
        HeadRow(str(sex.label), str(age.label), shown[(str(sex), str(age))])
        for sex in Heads.Sex
        for age in Heads.Age
        if (str(sex), str(age)) in shown
    )
    return OfflineReport(held, publish(sum(cells.values())), rows)
