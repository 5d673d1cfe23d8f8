"""The part of a form that says whom: a rule over what people have told of themselves, by choosing only."""

from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date
from django import forms
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from campaigns.forms.safety import list_countries, list_routes
from campaigns.reckoning.segmenting import Rule
from locales.languages import LANGUAGES
from messaging.models.subscribers import Channel

# By the month and by some spans only: with any day to choose, one could narrow a rule down to somebody.
_MONTHS = 24
_SPANS = (7, 14, 30, 90)


class RuleForm(forms.Form):
    """Ask for whom: routes, and what else limits it."""

    routes = forms.MultipleChoiceField(
        label=gettext_lazy("Routes"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one route.")},
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Channels"),
        widget=forms.CheckboxSelectMultiple,
        choices=Channel.choices,
        error_messages={"required": gettext_lazy("Choose at least one channel.")},
    )
    countries = forms.MultipleChoiceField(
        label=gettext_lazy("Countries"), widget=forms.CheckboxSelectMultiple, required=False
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), widget=forms.CheckboxSelectMultiple, required=False
    )
    joined_from = forms.ChoiceField(label=gettext_lazy("Joined since"), required=False)
    joined_until = forms.ChoiceField(label=gettext_lazy("Joined until the end of"), required=False)
    not_reached_days = forms.ChoiceField(label=gettext_lazy("Not reached for"), required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        months = [("", _("any time")), *_list_months(now.date())]
        spans = [(str(days), _("%(days)d days") % {"days": days}) for days in _SPANS]
        spoken = sorted((one.endonym, code) for code, one in LANGUAGES.items())
        choices = {
            "routes": list_routes(),
            "countries": list_countries(),
            "languages": [(code, endonym) for endonym, code in spoken],
            "joined_from": months,
            "joined_until": months,
            "not_reached_days": [("", _("any time")), *spans],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before its beginning."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("joined_from"), cleaned.get("joined_until")
        if first and last and last < first:
            self.add_error("joined_until", _("The last month is before the first."))
        return cleaned

    def past(self) -> bool:
        """Say whether something was chosen of the past, so that the page shows it open."""
        names = ("joined_from", "joined_until", "not_reached_days")
        return any(self[name].value() or self[name].errors for name in names)

    def make_rule(self) -> Rule:
        """Return the rule from a valid form."""
        cleaned = self.cleaned_data
        first, last = cleaned["joined_from"], cleaned["joined_until"]
        return Rule(
            routes=tuple(cleaned["routes"]),
            channels=tuple(cleaned["channels"]),
            countries=tuple(cleaned["countries"]),
            languages=tuple(cleaned["languages"]),
            joined_from=date.fromisoformat(first) if first else None,
            joined_until=_end_of_month(date.fromisoformat(last)) if last else None,
            not_reached_days=int(cleaned["not_reached_days"] or 0) or None,
        )


def show_rule(rule: Rule) -> dict[str, Any]:
    """Return what the form shows of a rule."""
    last = rule.joined_until
    return {
        **rule.as_fields(),
        "joined_from": rule.joined_from.replace(day=1).isoformat() if rule.joined_from else "",
        "joined_until": last.replace(day=1).isoformat() if last else "",
        "not_reached_days": str(rule.not_reached_days or ""),
    }


def _list_months(today: date) -> list[tuple[str, str]]:
    locale = Locale.parse(to_locale(get_language() or "en"))
    months, month = [], today.replace(day=1)
    for _number in range(_MONTHS):
        months.append((month.isoformat(), format_date(month, "LLLL y", locale=locale)))
        month = (month - timedelta(days=1)).replace(day=1)
    return months


def _end_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
