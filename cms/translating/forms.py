"""What a person says: into which languages, and which file."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from cms.translating.po import LARGEST, TOO_LARGE
from locales.languages import get_language


class BeginForm(forms.Form):
    """The languages to begin."""

    into = forms.MultipleChoiceField(label=_("Languages"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, locales: Iterable[Locale], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._locales = {locale.language_code: locale for locale in locales}
        field: Any = self.fields["into"]
        field.choices = [(code, f"{get_language(code).endonym} ({code})") for code in self._locales]

    def clean_into(self) -> list[Locale]:
        """Return the languages themselves."""
        return [self._locales[code] for code in self.cleaned_data["into"]]


class UploadForm(forms.Form):
    """One PO file."""

    file = forms.FileField(
        label=_("PO file"),
        allow_empty_file=True,  # what is wrong with it is said where it is read
        help_text=_("First you see what would change; nothing is saved yet."),
        widget=forms.FileInput(attrs={"accept": ".po"}),
        error_messages={"required": _("Choose a PO file first.")},
    )

    def clean_file(self) -> bytes:
        """Return what the file holds."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        content: bytes = sent.read()
        return content
