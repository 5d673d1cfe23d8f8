"""What a reader is asked for: a word and a day with her yes, a reason with her no."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ApproveForm(forms.Form):
    """A yes: a comment if she likes, and until when it holds."""

    comment = forms.CharField(
        label=_("Comment"), required=False, widget=forms.Textarea({"rows": 2})
    )
    good_until = forms.DateField(
        label=_("May be relied on until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day on which it must be looked at again. Empty: the day in the text."),
    )

    def __init__(
        self, *args: Any, offered: Any = None, has_day: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not has_day:
            del self.fields["good_until"]
        else:
            self.fields["good_until"].initial = offered


class ReturnForm(forms.Form):
    """A no: what the author must change."""

    comment = forms.CharField(
        label=_("What must change, and why"),
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "required": _("Say why you return it: its author must know what to change.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name in ("offered", "has_day"):
            kwargs.pop(name, None)
        super().__init__(*args, **kwargs)
