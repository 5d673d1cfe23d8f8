"""Forms of staff: a country's papers, a join word."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy

from campaigns.field.join_words import Wish, WordError, read_languages
from campaigns.models import Campaign, JoinWord
from campaigns.words import name_routes
from cms.models import Route
from locales.countries import COUNTRIES, country_name
from messaging.models import Clearance

# A union of countries is nowhere a person says she is.
_NO_COUNTRIES = {"EU"}
_DAY = {"type": "date"}


def list_countries() -> list[tuple[str, str]]:
    """Return every country by code and name, in the order of the reader's names."""
    language = get_language() or "en"
    named = [(c, country_name(c, language)) for c in COUNTRIES if c not in _NO_COUNTRIES]
    return sorted(named, key=lambda pair: pair[1])


def list_routes() -> list[tuple[str, str]]:
    """Return every route by code and name, those with demonstration content first."""
    names = name_routes()
    codes = Route.objects.order_by("-demo", "name").values_list("code", flat=True)
    return [(code, names[code]) for code in codes]


def day_field(*, required: bool) -> forms.DateField:
    """Return a field that asks for a day."""
    return forms.DateField(
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs=dict(_DAY)),
        error_messages={
            "required": gettext_lazy("Choose a day."),
            "invalid": gettext_lazy("Write the day, year first: 2026-10-31."),
        },
    )


class CountryForm(forms.Form):
    """Ask which country to look at."""

    country = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = list_countries()  # type: ignore[attr-defined]


class PapersForm(forms.ModelForm[Clearance]):
    """Ask for the four papers of a country; all may be empty, but then it is not open."""

    assessed_on = day_field(required=False)

    class Meta:
        model = Clearance
        fields = ("assessed_on", "hosting", "agreement", "incident_contact")


class WordForm(forms.Form):
    """Ask for a word, and what it stands for."""

    word = forms.CharField(
        max_length=40, error_messages={"required": gettext_lazy("Write the word.")}
    )
    country = forms.ChoiceField()
    routes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one route.")},
    )
    languages = forms.CharField(
        max_length=60,
        error_messages={"required": gettext_lazy("Write at least one language.")},
    )
    campaign = forms.ModelChoiceField(queryset=Campaign.objects.none(), required=False)
    is_default = forms.BooleanField(required=False)

    def __init__(self, *args: Any, word: JoinWord | None, **kwargs: Any) -> None:
        if word is not None:
            kwargs["initial"] = {
                "word": word.word,
                "country": word.country,
                "routes": word.routes,
                "languages": ", ".join(word.languages),
                "campaign": word.campaign_id,
                "is_default": word.is_default,
            }
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = list_countries()  # type: ignore[attr-defined]
        self.fields["routes"].choices = list_routes()  # type: ignore[attr-defined]
        running = Campaign.objects.filter(purged_at__isnull=True).select_related("partner")
        self.fields["campaign"].queryset = running  # type: ignore[attr-defined]

    def clean_languages(self) -> tuple[str, ...]:
        """Return the codes in their order."""
        try:
            return read_languages(self.cleaned_data["languages"])
        except WordError as error:
            raise forms.ValidationError(str(error)) from None

    def make_wish(self) -> Wish:
        """Return what a valid form asks for."""
        given = self.cleaned_data
        return Wish(
            word=given["word"],
            country=given["country"],
            routes=tuple(given["routes"]),
            languages=given["languages"],
            campaign=given["campaign"],
            is_default=given["is_default"],
        )
