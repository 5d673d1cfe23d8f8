"""What people tell for statistics when they have joined: sex and age band, counted by month, of nobody.

A slip says that somebody has just joined in a country, and nothing else. It is signed, and good for an
hour and one answer; without one nobody is counted.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.guarding import limits
from messaging.models import VolunteeredCount

SEXES: dict[str, Promise] = {"female": _("Woman"), "male": _("Man"), "other": _("Other")}
AGE_BANDS = ("18-24", "25-34", "35-49", "50+")
_SALT = "waymark.volunteering"
_GOOD_FOR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what somebody told; empty where she did not say."""

    sex: str = ""
    age_band: str = ""


def write_slip(country: str) -> str:
    """Return a slip for somebody who has just joined in a country."""
    return signing.dumps([country, secrets.token_urlsafe(9)], salt=_SALT)


def read_told(sex: str, age_band: str) -> Told:
    """Return what was told; whatever is none of the choices counts as not said."""
    return Told(sex if sex in SEXES else "", age_band if age_band in AGE_BANDS else "")


def count_told(slip: str, told: Told, *, now: datetime) -> bool:
    """Count what somebody told, once for each slip; say whether it was counted."""
    if told == Told():
        return False
    try:
        country, _chance = signing.loads(slip, salt=_SALT, max_age=_GOOD_FOR_SECONDS)
    except (signing.BadSignature, ValueError):
        return False
    if not limits.take("volunteered", slip, most=1, now=now):
        return False
    with transaction.atomic():
        row, _made = VolunteeredCount.objects.get_or_create(
            month=now.date().replace(day=1), country=country, sex=told.sex, age_band=told.age_band
        )
        VolunteeredCount.objects.filter(pk=row.pk).update(people=F("people") + 1)
    return True
