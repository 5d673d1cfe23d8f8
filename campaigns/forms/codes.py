"""The form of staff for what a provider's code means."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.models import ProviderCode
from messaging.receiving.codes import PROVIDERS, REASONS, UNRECOGNISED

_CODE = re.compile(r"[A-Za-z0-9_.: -]{1,80}")


class CodeForm(forms.Form):
    """Ask whose code it is, and what it means; of one that is there only the meaning."""

    provider = forms.ChoiceField(choices=list(PROVIDERS.items()))
    code = forms.CharField(
        max_length=80, error_messages={"required": gettext_lazy("Write the code.")}
    )
    reason = forms.ChoiceField(
        choices=[(reason, says) for reason, says in REASONS.items() if reason != UNRECOGNISED],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what it means.")},
    )
    note = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, row: ProviderCode | None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["initial"] = {
                "provider": row.provider,
                "code": row.code,
                "reason": row.reason,
                "note": row.note,
            }
        super().__init__(*args, **kwargs)
        for name in ("provider", "code"):
            # Of a row that is there a browser's word on these is not read.
            self.fields[name].disabled = row is not None

    def clean_code(self) -> str:
        """Return the code as a provider would write it."""
        code = str(self.cleaned_data["code"])
        if not _CODE.fullmatch(code):
            raise forms.ValidationError(
                _("A code has Latin letters, digits and the signs _ . : - only.")
            )
        return code
