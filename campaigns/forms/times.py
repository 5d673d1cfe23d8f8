"""The part of a form that says when: at once, at a time of some place, in the evening, until when."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.rhythm import UTC_ZONE, list_zones, name_zone
from campaigns.recurring import find_moment

AT_ONCE, AT, AGAIN = "at_once", "at", "again"
_FORMAT = "%Y-%m-%dT%H:%M"


def _moment_field() -> forms.DateTimeField:
    return forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(format=_FORMAT, attrs={"type": "datetime-local"}),
    )


class TimeForm(forms.Form):
    """Ask when; times are of the place that is chosen, UTC where none is."""

    when = forms.ChoiceField(
        choices=[
            (AT_ONCE, gettext_lazy("As soon as it is approved")),
            (AT, gettext_lazy("At a date and time")),
            (AGAIN, gettext_lazy("Again and again")),
        ],
        widget=forms.RadioSelect,
    )
    send_at = _moment_field()
    send_zone = forms.ChoiceField(required=False)
    in_evening = forms.BooleanField(required=False)
    send_before = _moment_field()
    in_quiet_hours = forms.BooleanField(required=False)
    # Set by whoever puts this into a form.
    _now: datetime

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["send_zone"].choices = list_zones()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read times by the clocks of their place, and refuse those that cannot be."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == AT and "send_at" in cleaned:
            cleaned["send_at"] = self._read_time("send_at")
        if "send_before" in cleaned:
            cleaned["send_before"] = self._read_last()
        if cleaned.get("in_evening") and cleaned.get("in_quiet_hours"):
            self.add_error("in_evening", _("Choose the evening or the quiet hours, not both."))
        return cleaned

    @property
    def recurs(self) -> bool:
        """Say whether it is to go out again and again."""
        return bool(self["when"].value() == AGAIN)

    def _read_time(self, name: str) -> datetime | None:
        typed = self.cleaned_data[name]
        if typed is None:
            self.add_error(name, _("Choose a date and a time."))
            return None
        zone = self.cleaned_data.get("send_zone") or UTC_ZONE
        wall = typed.replace(tzinfo=None)
        moment = find_moment(wall, zone)
        shown = moment.astimezone(ZoneInfo(zone))
        if shown.replace(tzinfo=None) != wall:
            words = _(
                "%(time)s does not exist on that day in %(place)s: the clocks go forward then. "
                "Choose %(next)s or later."
            )
            named = {"time": f"{wall:%H:%M}", "place": name_zone(zone), "next": f"{shown:%H:%M}"}
            self.add_error(name, words % named)
        elif moment <= self._now:
            self.add_error(name, _("This time has passed. Choose a later one."))
        return moment.astimezone(UTC)

    def _read_last(self) -> datetime | None:
        if self.cleaned_data["send_before"] is None:
            return None
        if self.recurs:
            self.add_error(
                "send_before",
                _("For what goes out again and again, say how many hours after each of its times."),
            )
            return None
        last = self._read_time("send_before")
        first = self.cleaned_data.get("send_at") if self["when"].value() == AT else self._now
        if last and first and last <= first:
            self.add_error("send_before", _("The last moment is before the first."))
        return last
