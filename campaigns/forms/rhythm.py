"""The part of the form that says how often: on which days, at what time of which place, until when."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.models import Schedule
from campaigns.recurring import MONTHLY, WEEKLY, Rhythm
from locales.countries import COUNTRIES, country_name

# Nobody approves for ever: after that somebody has to want it anew.
LONGEST = timedelta(days=366)
UTC_ZONE = "UTC"
# No text is kept for sending for longer than a week.
_LONGEST_HOURS = 168


class RhythmForm(forms.Form):
    """Ask how often; its fields stand in the form of a broadcast and count only if it recurs."""

    every = forms.ChoiceField(choices=Schedule.Every.choices, initial=WEEKLY)
    weekdays = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    month_day = forms.IntegerField(min_value=1, max_value=31, initial=1, required=False)
    at = forms.TimeField(
        initial="09:00",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": gettext_lazy("Choose a time.")},
    )
    zone = forms.ChoiceField()
    starts_on = forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": gettext_lazy("Choose a first day.")},
    )
    ends_on = forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": gettext_lazy("Choose a last day.")},
    )
    lasts_hours = forms.IntegerField(min_value=1, max_value=_LONGEST_HOURS, required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        today = now.date()
        kwargs["initial"] = {
            "starts_on": today,
            "ends_on": today + timedelta(days=28),
            "weekdays": [today.isoweekday()],
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self._now = now
        self.fields["zone"].choices = list_zones()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a rule that never comes, or that runs for longer than anybody can answer for."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("every") == WEEKLY and not cleaned.get("weekdays"):
            self.add_error("weekdays", _("Choose at least one day."))
        if cleaned.get("every") == MONTHLY and not cleaned.get("month_day"):
            self.add_error("month_day", _("Choose a day of the month."))
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last:
            self._check_days(first, last)
        if not self.errors and self.make_rhythm().first_day(now=self._now) is None:
            self.add_error("ends_on", _("None of its times is still to come. Choose a later day."))
        return cleaned

    def make_rhythm(self) -> Rhythm:
        """Return the rule from a valid form."""
        cleaned = self.cleaned_data
        return Rhythm(
            every=cleaned["every"],
            at=cleaned["at"].replace(second=0, microsecond=0),
            zone=cleaned["zone"],
            starts_on=cleaned["starts_on"],
            ends_on=cleaned["ends_on"],
            weekdays=tuple(sorted(cleaned["weekdays"])) if cleaned["every"] == WEEKLY else (),
            month_day=cleaned["month_day"] or 1,
            lasts_hours=cleaned["lasts_hours"] or 0,
        )

    def _check_days(self, first: date, last: date) -> None:
        if last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        elif last - first > LONGEST:
            self.add_error("ends_on", _("A year at most. Then somebody has to want it anew."))


def read_initial(schedule: Schedule) -> dict[str, Any]:
    """Return what the form shows of an earlier rule."""
    fields = ("every", "weekdays", "month_day", "at", "zone")
    shown = {name: getattr(schedule, name) for name in fields}
    return shown | {"lasts_hours": schedule.lasts_hours or None}


def explain_gap(rhythm: Rhythm) -> str:
    """Return on which day its time does not exist, and when it goes out then; nothing where all do."""
    for day in rhythm.days_from(rhythm.starts_on):
        there = rhythm.moment_of(day).astimezone(ZoneInfo(rhythm.zone))
        if there.time() != rhythm.at:
            return _(
                "On %(day)s the clocks of %(place)s leave out %(time)s: it goes out at %(next)s then."
            ) % {
                "day": date_format(day),
                "place": name_zone(rhythm.zone),
                "time": f"{rhythm.at:%H:%M}",
                "next": f"{there:%H:%M}",
            }
    return ""


def list_zones() -> list[tuple[str, str]]:
    """Return UTC, and each zone under the names of the countries whose capital has it."""
    return _name_zones(get_language() or "en")


def name_zone(zone: str) -> str:
    """Return the names of the countries whose clocks a zone has."""
    return dict(_name_zones(get_language() or "en")).get(zone, zone)


@cache
def _name_zones(language: str) -> list[tuple[str, str]]:
    """Return each zone once, under the names of the countries whose capital has it."""
    named: dict[str, list[str]] = {}
    for code, country in COUNTRIES.items():
        if code != "EU":
            named.setdefault(country.zone, []).append(country_name(code, language))
    zones = sorted((", ".join(sorted(names)), zone) for zone, names in named.items())
    return [(UTC_ZONE, "UTC"), *((zone, names) for names, zone in zones)]
