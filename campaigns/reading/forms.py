"""Forms for joining and stopping: what people type, read kindly; what is wrong, said beside it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models.segments import topic_of
from campaigns.reading.choices import CHANNELS, RouteChoice, list_all, list_open
from locales.languages import Language, get_language
from messaging.consenting import wordings
from messaging.models import Wording
from messaging.models.subscribers import Purpose
from messaging.numbers import (
    REFUSED,
    NoCountryCode,
    NumberError,
    classify,
    parse_number,
    read_at_home,
)

ADULT, MINOR = "adult", "minor"
_LONGEST_NUMBER = 60
_PICK_COUNTRY = gettext_lazy("Choose the country.")


class NumberForm(forms.Form):
    """Ask for a number as people write it, and for its country only where the number does not say it."""

    number = forms.CharField(
        max_length=_LONGEST_NUMBER, error_messages={"required": gettext_lazy("Type the number.")}
    )
    country = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": _PICK_COUNTRY, "required": _PICK_COUNTRY}
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.asks_country = bool(self.data.get("country"))
        self.fields["country"].choices = self.list_countries()  # type: ignore[attr-defined]

    def list_countries(self) -> list[tuple[str, str]]:
        """Return the countries to choose from."""
        return list_all(self.language)

    def clean(self) -> dict[str, Any]:
        """Put the number into E.164, by the country where it has no country code."""
        cleaned = super().clean() or self.cleaned_data
        if "number" in cleaned and "country" in cleaned:
            self._read_number(cleaned)
        return cleaned

    def _read_number(self, cleaned: dict[str, Any]) -> None:
        typed, country = cleaned["number"], cleaned["country"]
        try:
            if country:
                cleaned["address"] = read_at_home(typed, country, fiction=settings.REHEARSAL)
            else:
                cleaned["address"] = parse_number(typed, fiction=settings.REHEARSAL)
        except NoCountryCode:
            self.asks_country = True
            self.add_error(
                "number", _("This number has no country code. Choose its country below.")
            )
        except NumberError as error:
            self.add_error("number", str(error))
        else:
            self.check_kind(cleaned["address"])

    def check_kind(self, address: str) -> None:
        """Refuse what is no phone that messages can go to, where that matters."""


class StopForm(NumberForm):
    """Ask which number is to get no more messages."""


class CodeForm(NumberForm):
    """Ask for the number and the code that came to it."""

    code = forms.CharField(
        max_length=_LONGEST_NUMBER, error_messages={"required": gettext_lazy("Type the code.")}
    )


class JoinForm(NumberForm):
    """Ask what somebody wants, where to, and for her yes to the words shown."""

    messages_in = forms.ChoiceField(error_messages={"required": gettext_lazy("Choose a language.")})
    routes = forms.MultipleChoiceField(
        error_messages={"required": gettext_lazy("Choose at least one.")}
    )
    channel = forms.ChoiceField(
        choices=[(code, name) for code, (name, _words) in CHANNELS.items()],
        error_messages={"required": gettext_lazy("Choose how the messages come.")},
    )
    age = forms.ChoiceField(
        choices=[(ADULT, ADULT), (MINOR, MINOR)],
        error_messages={"required": gettext_lazy("Say whether you are 18 or older.")},
    )
    wording = forms.CharField(required=False)
    survey = forms.CharField(required=False)
    urgent = forms.CharField(required=False)

    def __init__(
        self, *args: Any, tongues: list[Language], routes: list[RouteChoice], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        codes = [(tongue.code, tongue.endonym) for tongue in tongues]
        self.fields["messages_in"].choices = codes  # type: ignore[attr-defined]
        self.fields["routes"].choices = [  # type: ignore[attr-defined]
            (route.code, route.title.text) for route in routes
        ]
        self.fields["country"].required = True
        self.fields["country"].error_messages["required"] = _("Choose the country you are in.")

    def list_countries(self) -> list[tuple[str, str]]:
        """Return the countries that people may join from."""
        return list_open(self.language)

    def check_kind(self, address: str) -> None:
        """Refuse what is no mobile phone, by the numbering plan alone."""
        if classify(address) in REFUSED:
            self.add_error("number", _("Messages go to mobile phones only. Type a mobile number."))

    @property
    def chosen_language(self) -> str:
        """Return the language that messages are wanted in, or the page's."""
        chosen = self.data.get("messages_in") or self.language
        known = {code for code, _name in self.fields["messages_in"].choices}  # type: ignore[attr-defined]
        return chosen if chosen in known else self.language

    def words_of(self, purpose: str) -> Wording:
        """Return what she says yes to, in the language that she chose or the nearest."""
        return wordings.current(purpose, self.chosen_language)

    def is_minor(self) -> bool:
        """Say whether she says that she is no adult; nothing else she typed is looked at then."""
        return self.data.get("age") == MINOR

    def clean(self) -> dict[str, Any]:
        """Take a yes only to the very words that were shown."""
        cleaned = super().clean()
        if "messages_in" in cleaned:
            wanted = {
                "wording": Purpose.MESSAGES,
                "survey": Purpose.SURVEY,
                "urgent": Purpose.URGENT,
            }
            for name, purpose in wanted.items():
                said = cleaned.get(name)
                if (said or name == "wording") and said != self.words_of(purpose).reference:
                    self.add_error(name, self._ask_again())
        return cleaned

    def _ask_again(self) -> str:
        words = self.words_of(Purpose.MESSAGES)
        if words.language == self.language:
            return _("These words are new. Read them, and then say yes again.")
        tongue = get_language(words.language).endonym
        return _("These words are now in %(language)s. Read them, and then say yes again.") % {
            "language": tongue
        }

    def extra_words(self) -> dict[str, str]:
        """Return the words of what she said yes to besides messages, from a valid form."""
        asked = (Purpose.SURVEY.value, Purpose.URGENT.value)
        return {name: self.cleaned_data[name] for name in asked if self.cleaned_data[name]}

    def topics(self) -> tuple[str, ...]:
        """Return the routes she asked for as messaging names them, from a valid form."""
        return tuple(topic_of(code) for code in self.cleaned_data["routes"])
