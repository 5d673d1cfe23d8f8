"""The part of a form that asks from which sender: for each channel the house chooses, or one is named."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from campaigns.reckoning.sender_choice import find_unserved, list_senders, name_countries
from messaging.models.subscribers import Channel


class SenderChoiceForm(forms.Form):
    """Ask from which sender each channel comes; the house chooses where none is named."""

    sender_sms = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    sender_whatsapp = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def offer_senders(self, countries: Collection[str]) -> None:
        """Offer those who may serve some countries."""
        known = list_senders(countries)
        for channel in Channel.values:
            field: Any = self.fields[_name(channel)]
            field.label = _("Sender for %(channel)s") % {"channel": Channel(channel).label}
            field.choices = [("", _("Waymark chooses")), *known[channel]]

    def sender_fields(self) -> list[forms.BoundField]:
        """Return the fields with anything to choose, or with something wrong."""
        bound: list[Any] = [self[_name(channel)] for channel in Channel.values]
        return [one for one in bound if len(one.field.choices) > 1 or one.errors]

    def read_senders(self, channels: Collection[str]) -> dict[str, int]:
        """Return who was chosen for some channels, from a valid form."""
        chosen = {channel: self.cleaned_data.get(_name(channel)) for channel in channels}
        return {channel: sender for channel, sender in chosen.items() if sender}

    def refuse_senders(self, channels: Collection[str], countries: Collection[str]) -> None:
        """Say of whom was chosen where she cannot serve."""
        for channel, sender in self.read_senders(channels).items():
            if unserved := find_unserved(channel, sender, countries):
                words = _(
                    "This sender may not send to: %(countries)s. Choose another one, or leave these "
                    "countries out."
                )
                self.add_error(_name(channel), words % {"countries": name_countries(unserved)})


def show_senders(senders: dict[str, int]) -> dict[str, int]:
    """Return what the form shows of who was chosen before."""
    return {_name(channel): sender for channel, sender in senders.items()}


def _name(channel: str) -> str:
    return f"sender_{channel}"
