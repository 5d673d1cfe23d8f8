"""The form of a session face to face: when, in which country, and the heads by sex and age band."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.drafting.preparing import make_token
from campaigns.field.outreach import CELLS, Told, read_heads
from campaigns.forms.safety import list_countries, list_routes
from campaigns.models import Campaign, Heads, Membership, OutreachSession, Partner
from campaigns.permissions import Person, partners_of

_MOST = 10_000
_OLDEST = timedelta(days=366)


class SessionForm(forms.Form):
    """Ask what is told of a session; a count that is left empty is nought."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    partner = forms.ModelChoiceField(queryset=Partner.objects.none())
    campaign = forms.ModelChoiceField(queryset=Campaign.objects.none(), required=False)
    country = forms.ChoiceField()
    routes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    held_on = forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("Choose a day."),
            "invalid": gettext_lazy("Write the day, year first: 2026-10-31."),
        },
    )

    def __init__(
        self,
        *args: Any,
        person: Person,
        today: date,
        session: OutreachSession | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = _read_initial(session, today)
        super().__init__(*args, **kwargs)
        self._today = today
        mine = partners_of(person, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
        self._fill_choices(mine.order_by("name"), session)
        for sex, age in CELLS:
            self.fields[_name(sex, age)] = forms.IntegerField(
                min_value=0,
                max_value=_MOST,
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "max": _MOST}),
            )

    def _fill_choices(self, mine: Any, session: OutreachSession | None) -> None:
        fields: dict[str, Any] = self.fields
        fields["partner"].queryset = mine
        # It was held for this one: it is not handed on.
        fields["partner"].disabled = session is not None
        if len(mine) == 1:
            fields["partner"].widget = forms.HiddenInput()
            fields["partner"].initial = mine[0].pk
        fields["campaign"].queryset = Campaign.objects.filter(partner__in=mine)
        fields["country"].choices = [("", _("Choose")), *list_countries()]
        fields["routes"].choices = list_routes()

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, Any]]]]:
        """Return the grid: for each sex its label, and for each age band its label and its field."""
        return [
            (str(sex.label), [(str(age.label), self[_name(sex, age)]) for age in Heads.Age])
            for sex in Heads.Sex
        ]

    @property
    def ages(self) -> list[str]:
        """Return the heads of the grid's columns."""
        return [str(age.label) for age in Heads.Age]

    def clean(self) -> dict[str, Any]:
        """Refuse a day to come, a session of nobody, and a campaign of another partner."""
        cleaned = super().clean() or self.cleaned_data
        day, campaign = cleaned.get("held_on"), cleaned.get("campaign")
        if day and not self._today - _OLDEST <= day <= self._today + timedelta(days=1):
            self.add_error("held_on", _("Choose a day of the last twelve months, not one to come."))
        if campaign and campaign.partner != cleaned.get("partner"):
            self.add_error("campaign", _("This campaign is another partner's."))
        if not self.errors and not any(cleaned.get(_name(*cell)) for cell in CELLS):
            raise forms.ValidationError(_("Count at least one person."))
        return cleaned

    def read_told(self) -> Told:
        """Return what a valid form tells."""
        cleaned = self.cleaned_data
        return Told(
            partner=cleaned["partner"],
            campaign=cleaned["campaign"],
            country=cleaned["country"],
            routes=tuple(cleaned["routes"]),
            held_on=cleaned["held_on"],
            heads={cell: cleaned.get(_name(*cell)) or 0 for cell in CELLS},
        )


def _name(sex: str, age: str) -> str:
    return f"{sex}_{age}"


def _read_initial(session: OutreachSession | None, today: date) -> dict[str, Any]:
    if session is None:
        return {"form_token": make_token(), "held_on": today}
    heads = {_name(*cell): people for cell, people in read_heads(session).items()}
    return heads | {
        "form_token": session.form_token,
        "partner": session.partner_id,
        "campaign": session.campaign_id,
        "country": session.country,
        "routes": session.routes,
        "held_on": session.held_on,
    }
