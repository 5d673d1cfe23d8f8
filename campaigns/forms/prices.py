"""The form of a price: whose it is, where, how much for one part, from which day on, and who says so."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.partners import CURRENCIES
from campaigns.forms.safety import day_field, list_countries
from campaigns.models import Price
from campaigns.wordings import CATEGORIES
from messaging.models import Sender
from messaging.models.subscribers import Channel

_ANY = "any"
# What one part may not cost: more is a mistake in writing.
_MOST = Decimal(100)


class PriceForm(forms.Form):
    """Ask what one part costs from a day on."""

    whose = forms.ChoiceField(
        error_messages={"required": gettext_lazy("Choose whose price it is.")}
    )
    country = forms.ChoiceField()
    category = forms.ChoiceField(required=False)
    amount = forms.DecimalField(
        max_digits=8,
        decimal_places=4,
        error_messages={
            "required": gettext_lazy("Write the price with a point: 0.05."),
            "invalid": gettext_lazy("Write the price with a point: 0.05."),
        },
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES])
    valid_from = day_field(required=True)
    source = forms.CharField(
        max_length=120,
        error_messages={
            "required": gettext_lazy("Write where the price is from, and of which day.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._senders = {str(one.pk): one for one in Sender.objects.order_by("channel", "name")}
        channels = [
            (f"{_ANY}-{name}", _("any sender on %(channel)s") % {"channel": label})
            for name, label in Channel.choices
        ]
        own = [
            (pk, f"{one.name} ({one.get_channel_display()})") for pk, one in self._senders.items()
        ]
        # The first is what most prices are: a channel's.
        self.fields["whose"].choices = [*channels, *own]  # type: ignore[attr-defined]
        self.fields["country"].choices = list_countries()  # type: ignore[attr-defined]
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", _("any wording")),
            *CATEGORIES.items(),
        ]

    def clean_amount(self) -> Decimal:
        """Refuse what cannot be the price of one part."""
        amount: Decimal = self.cleaned_data["amount"]
        if not 0 <= amount < _MOST:
            raise forms.ValidationError(_("Write the price of one part, below 100."))
        return amount

    def clean(self) -> dict[str, Any]:
        """Refuse a category where there are none."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("category") and cleaned.get("whose") and self._channel != Channel.WHATSAPP:
            self.add_error("category", _("Only WhatsApp bills by the category of a wording."))
        return cleaned

    def make_price(self) -> Price:
        """Return what a valid form asks for, not saved."""
        given = self.cleaned_data
        return Price(
            channel=self._channel,
            country=given["country"],
            category=given["category"],
            sender=self._senders.get(given["whose"]),
            amount=given["amount"],
            currency=given["currency"],
            valid_from=given["valid_from"],
            source=given["source"],
        )

    @property
    def _channel(self) -> str:
        whose: str = self.cleaned_data["whose"]
        sender = self._senders.get(whose)
        return sender.channel if sender else whose.removeprefix(f"{_ANY}-")
