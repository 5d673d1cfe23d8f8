"""The form of a campaign. What it may not change, and what it takes back, is decided by services."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.safety import day_field, list_routes
from campaigns.models import Campaign, Partner
from campaigns.partners.efforts import GAPS, is_fixed, list_gaps

# A night of eleven hours in any country leaves at least one hour in which to send.
_LONGEST_QUIET = timedelta(hours=12)
_MOST_HELD_OUT = 50
_INDICATORS, _INDICATOR = 12, 200


class IndicatorsField(forms.CharField):
    """Take a list, one on each line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        """Return a list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the lines that say something."""
        lines = [line.strip()[:_INDICATOR] for line in str(super().clean(value)).splitlines()]
        return [line for line in lines if line][:_INDICATORS]


def _clock_field() -> forms.TimeField:
    return forms.TimeField(
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Write the time like this: 21:30.")},
    )


class CampaignForm(forms.ModelForm[Campaign]):
    """Ask what a campaign is for, for whom, on which routes, when, and within which limits."""

    partner = forms.ModelChoiceField(
        queryset=Partner.objects.none(),
        error_messages={"required": gettext_lazy("Choose a partner.")},
    )
    routes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one route.")},
    )
    indicators = IndicatorsField(required=False)
    starts_on = day_field(required=True)
    ends_on = day_field(required=False)
    holdout_percent = forms.IntegerField(
        required=False, validators=[MinValueValidator(0), MaxValueValidator(_MOST_HELD_OUT)]
    )
    most_per_week = forms.IntegerField(required=False, validators=[MinValueValidator(1)])
    quiet_from = _clock_field()
    quiet_until = _clock_field()

    class Meta:
        model = Campaign
        fields = (
            "partner",
            "name",
            "objective",
            "audience",
            "routes",
            "indicators",
            "starts_on",
            "ends_on",
            "holdout_percent",
            "most_per_week",
            "quiet_from",
            "quiet_until",
        )
        widgets = {
            "objective": forms.Textarea(attrs={"rows": 3}),
            "audience": forms.Textarea(attrs={"rows": 3}),
        }
        error_messages = {"name": {"required": gettext_lazy("Write a name.")}}

    def __init__(self, *args: Any, partners: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = now.date()
        self.fields["routes"].choices = list_routes()  # type: ignore[attr-defined]
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        if self.instance.pk is None and len(partners) == 1:
            self.fields["partner"].initial = partners[0].pk
        # People have joined under this partner: it is not handed on.
        self.fields["partner"].disabled = self.instance.pk is not None
        # Whom chance left out stays left out, or nothing could be compared.
        self.fields["holdout_percent"].disabled = not self.instance._state.adding and is_fixed(
            self.instance
        )

    def clean_holdout_percent(self) -> int:
        """Return nought where nothing was written."""
        return self.cleaned_data["holdout_percent"] or 0

    def clean_most_per_week(self) -> int | None:
        """Refuse more than the house allows."""
        most: int | None = self.cleaned_data["most_per_week"]
        house = settings.MOST_PER_WEEK
        if most and house and most > house:
            raise forms.ValidationError(
                _("Nobody gets more than %(most)s messages a week here.") % {"most": house}
            )
        return most

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, half of the quiet hours, and gaps once it has begun."""
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it begins."))
        self._check_quiet(cleaned.get("quiet_from"), cleaned.get("quiet_until"))
        return cleaned

    def _check_quiet(self, begins: time | None, ends: time | None) -> None:
        if (begins is None) != (ends is None):
            self.add_error("quiet_until", _("Write from when and until when, or neither."))
        elif begins is not None and ends is not None:
            day = self._today
            length = datetime.combine(day, ends) - datetime.combine(day, begins)
            if not timedelta() < length % timedelta(days=1) <= _LONGEST_QUIET:
                self.add_error("quiet_until", _("Twelve hours a day are the most."))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.instance.activated_at is None or self.errors:
            return
        for gap in list_gaps(self.instance, today=min(self._today, self.instance.starts_on)):
            self.add_error(gap, str(GAPS[gap]))
