"""What the editor says: which rows to download, and which file to look at."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from cms.models import Route
from cms.spreadsheet.columns import KINDS
from cms.spreadsheet.opening import MOST_BYTES, NoWorkbook, open_workbook, too_large
from cms.spreadsheet.waiting import Waiting
from locales.languages import UnknownLanguage, get_language


class DownloadForm(forms.Form):
    """Which kinds, routes and languages; nothing ticked means all."""

    kinds = forms.MultipleChoiceField(
        label=_("What"), required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    route = forms.ModelChoiceField(
        label=_("Route"),
        required=False,
        queryset=Route.objects.all(),
        to_field_name="code",
        empty_label=_("All routes"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(name, capfirst(str(kind.label))) for name, kind in KINDS.items()]
        languages: Any = self.fields["languages"]
        codes = Locale.objects.order_by("language_code").values_list("language_code", flat=True)
        languages.choices = [(code, _name_language(code)) for code in codes]

    @property
    def wanted(self) -> tuple[Sequence[str], Sequence[str], str]:
        """Return the kinds, the languages (none for all) and the code of the route (or nothing)."""
        said = self.cleaned_data
        kinds = [name for name in KINDS if name in (said["kinds"] or KINDS)]
        return kinds, said["languages"], said["route"].code if said["route"] else ""


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("An XLSX workbook that was downloaded here. Nothing is written yet."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_file(self) -> Waiting:
        """Return the file as it was sent, once it is sure to be a workbook that is safe to open."""
        sent = self.cleaned_data["file"]
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(too_large())
        data: bytes = sent.read()
        try:
            open_workbook(data)
        except NoWorkbook as refused:
            raise forms.ValidationError(str(refused)) from None
        return Waiting(sent.name or "", data)


def _name_language(code: str) -> str:
    try:
        return f"{get_language(code).endonym} ({code})"
    except UnknownLanguage:
        return code
