"""Which countries are open: none without its papers, none against a person's no (P18 of our rules).

People join only from open countries. Nothing is planned for a country that was closed again.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from messaging.models import Clearance


class ClearanceError(Exception):
    """Say why a country cannot be opened, and what to do."""


def open_countries() -> frozenset[str]:
    """Return the codes of the countries that people may join from; one query, so ask once a page."""
    rows = Clearance.objects.filter(opened_at__isnull=False, closed_at__isnull=True)
    return frozenset(row.country for row in rows if row.is_open)


def is_open(country: str) -> bool:
    """Say whether people may join from a country."""
    row = Clearance.objects.filter(country=country).first()
    return row is not None and row.is_open


def find_closed(countries: Iterable[str]) -> list[str]:
    """Return those of some countries that nothing may be sent to, in order.

    A rehearsal, which reaches nobody, lets a country pass that nobody has decided about.
    """
    wanted = set(countries)
    rows = {row.country: row.is_open for row in Clearance.objects.filter(country__in=wanted)}
    return sorted(code for code in wanted if not rows.get(code, settings.REHEARSAL))


def open_country(clearance: Clearance, *, by: int, now: datetime) -> None:
    """Open a country in somebody's name; raise `ClearanceError` while a paper is missing."""
    with transaction.atomic():
        row = Clearance.objects.select_for_update().get(pk=clearance.pk)
        if not row.is_complete:
            raise ClearanceError(
                _("A paper is missing. Name all four, save them, and then open the country.")
            )
        if not row.is_open:
            row.opened_at, row.closed_at, row.cleared_by_id = now, None, by
            row.save(update_fields=["opened_at", "closed_at", "cleared_by"])


def close_country(clearance: Clearance, *, now: datetime) -> bool:
    """Close a country at once and say whether it was open."""
    still_open = Clearance.objects.filter(
        pk=clearance.pk, opened_at__isnull=False, closed_at__isnull=True
    )
    return bool(still_open.update(closed_at=now))
