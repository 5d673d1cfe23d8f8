"""Forms about partners: what they may do, who is invited, and what they may spend."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from campaigns.forms.safety import list_countries, list_routes
from campaigns.models import Budget, Membership, Partner
from campaigns.partners.partnering import Grant
from campaigns.staff import GROUP_NAMES
from locales.languages import CONTENT_LANGUAGES, LANGUAGES

CURRENCIES = ("USD", "EUR", "GBP", "CHF")


class _Boxes(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class PartnerForm(forms.ModelForm[Partner]):
    """Ask for a partner's name and limits; what is left empty sets no limit."""

    countries = _Boxes(required=False)
    routes = _Boxes(required=False)
    languages = _Boxes(required=False)

    class Meta:
        model = Partner
        fields = (
            "name",
            "countries",
            "routes",
            "languages",
            "people_a_broadcast",
            "people_an_hour",
            "people_a_day",
        )
        error_messages = {"name": {"required": gettext_lazy("Write a name.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(code, LANGUAGES[code].endonym) for code in CONTENT_LANGUAGES]
        self.fields["countries"].choices = list_countries()  # type: ignore[attr-defined]
        self.fields["routes"].choices = list_routes()  # type: ignore[attr-defined]
        self.fields["languages"].choices = named  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    """Ask whom to invite, and for what."""

    # A newcomer's address is her name to sign in with, too; the column of names takes so many letters.
    email = forms.EmailField(
        max_length=150,
        error_messages={
            "required": gettext_lazy("Write an e-mail address."),
            "invalid": gettext_lazy("This is not an e-mail address."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    role = forms.ChoiceField(choices=Membership.Role.choices)


class StaffForm(InviteForm):
    """Ask whom to invite to which group of staff."""

    role = forms.ChoiceField(choices=list(GROUP_NAMES.items()))


class BudgetForm(forms.ModelForm[Budget]):
    """Ask what a partner may spend in a country and a month."""

    country = forms.ChoiceField()
    month = forms.DateField(
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        error_messages={
            "required": gettext_lazy("Choose a month."),
            "invalid": gettext_lazy("Write the month, year first: 2026-10."),
        },
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES])

    class Meta:
        model = Budget
        fields = ("country", "month", "amount", "currency")
        error_messages = {"amount": {"required": gettext_lazy("Write an amount.")}}

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = set(partner.countries)
        self.fields["country"].choices = [  # type: ignore[attr-defined]
            (code, name) for code, name in list_countries() if not allowed or code in allowed
        ]

    def make_grant(self) -> Grant:
        """Return what a valid form asks for."""
        given = self.cleaned_data
        return Grant(given["country"], given["month"], given["amount"], given["currency"])
