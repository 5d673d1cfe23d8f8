"""Forms of senders: what one is, and where it stands in a country."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.safety import list_countries
from messaging.models import Sender, SenderCountry
from messaging.senders.choosing import find_misfit
from messaging.senders.roster import PROVIDERS

_FIGURE = {
    "invalid": gettext_lazy("Write a whole number."),
    "required": gettext_lazy("Write a number."),
}
_FIGURES = ("priority", "parts_per_second", "quiet_share", "daily_cap", "people_per_day")


class SenderForm(forms.ModelForm[Sender]):
    """Ask what a sender is, how fast it may be, and what limits its day."""

    provider = forms.ChoiceField(choices=[(name, name) for name in PROVIDERS])

    class Meta:
        model = Sender
        fields = (
            *("name", "channel", "provider", "kind", "address", "two_way", "priority"),
            *("parts_per_second", "quiet_share", "daily_cap", "people_per_day", "portfolio"),
            "active",
        )
        error_messages = {
            "name": {
                "required": gettext_lazy("Write a name."),
                "unique": gettext_lazy("There is a sender of this name already."),
            },
            "address": {"required": gettext_lazy("Write its number, its name or its id.")},
            **dict.fromkeys(_FIGURES, _FIGURE),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was sent and approved from it stays true: another way to send is another sender.
        for name in ("channel", "provider"):
            self.fields[name].disabled = self.instance.pk is not None

    def clean_parts_per_second(self) -> int:
        """Refuse a sender that never sends."""
        rate: int = self.cleaned_data["parts_per_second"]
        if not 1 <= rate <= 1000:
            raise forms.ValidationError(_("Write a number from 1 to 1,000."))
        return rate

    def clean_quiet_share(self) -> int:
        """Refuse a share that leaves nothing to broadcasts."""
        share: int = self.cleaned_data["quiet_share"]
        if share > 90:
            raise forms.ValidationError(_("Write a number from 0 to 90."))
        return share

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be: a name that people answer, an address of another kind."""
        cleaned = super().clean() or self.cleaned_data
        for field, why in find_misfit(
            str(cleaned.get("channel", "")),
            kind=str(cleaned.get("kind", "")),
            address=str(cleaned.get("address", "")),
            two_way=bool(cleaned.get("two_way")),
        ):
            self.add_error(field, why)
        return cleaned


class PlaceForm(forms.ModelForm[SenderCountry]):
    """Ask where a sender stands in a country; what it costs there is asked with the prices."""

    country = forms.ChoiceField()
    checked_on = forms.DateField(
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Write the day, year first: 2026-10-31.")},
    )

    class Meta:
        model = SenderCountry
        fields = ("country", "state", "checked_on", "remarks")
        widgets = {"remarks": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = list_countries()  # type: ignore[attr-defined]
