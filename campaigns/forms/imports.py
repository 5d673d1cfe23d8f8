"""The form that takes a list. What is in the file is judged by messaging, not here."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Membership, Partner
from campaigns.permissions import Person, partners_of
from messaging.joining.sheets.files import refuse_size
from messaging.joining.sheets.values import SheetError


class SheetForm(forms.Form):
    """Ask for whom, within which campaign, and for the file."""

    partner = forms.ModelChoiceField(queryset=Partner.objects.none(), empty_label=None)
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=gettext_lazy("none: they stay until they leave or fall silent"),
    )
    file = forms.FileField(
        error_messages={
            "required": gettext_lazy("Choose the sheet that you have filled in."),
            "missing": gettext_lazy("Choose the sheet that you have filled in."),
            "invalid": gettext_lazy("Choose the sheet that you have filled in."),
            "empty": gettext_lazy("The file is empty. Fill in the sheet, save it and choose it."),
            # The name may be that of a person, and is not repeated.
            "max_length": gettext_lazy("Give the file a shorter name."),
        },
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = partners_of(person, Membership.Role.SCHEDULER).order_by("name")
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        if len(partners) == 1:
            self.fields["partner"].widget = forms.HiddenInput()
            self.fields["partner"].initial = partners[0].pk
        self.fields["campaign"].queryset = (  # type: ignore[attr-defined]
            Campaign.objects.filter(partner__in=partners, purged_at__isnull=True)
        )

    def clean_file(self) -> Any:
        """Refuse a file for its size, before it is read."""
        file = self.cleaned_data["file"]
        try:
            if file.size > settings.IMPORT_BYTES:
                refuse_size(settings.IMPORT_BYTES)
        except SheetError as error:
            raise forms.ValidationError(str(error)) from None
        return file

    def clean(self) -> dict[str, Any]:
        """Refuse another partner's campaign."""
        cleaned = super().clean() or self.cleaned_data
        partner, campaign = cleaned.get("partner"), cleaned.get("campaign")
        if partner and campaign and campaign.partner_id != partner.pk:
            self.add_error("campaign", _("This campaign is another partner’s."))
        return cleaned
