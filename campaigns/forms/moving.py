"""The form that moves a broadcast to another time, with the time that its page showed."""

from django import forms
from django.utils.translation import gettext_lazy

_FORMAT = "%Y-%m-%dT%H:%M"


class MoveForm(forms.Form):
    """Ask when it is to go out, in UTC; `shown` is when it was to go out before."""

    send_at = forms.DateTimeField(
        label=gettext_lazy("When it goes out, in UTC"),
        error_messages={"required": gettext_lazy("Choose a date and a time.")},
        widget=forms.DateTimeInput(format=_FORMAT, attrs={"type": "datetime-local"}),
    )
    shown = forms.DateTimeField(widget=forms.HiddenInput)
    # Where to go afterwards.
    back = forms.CharField(required=False, widget=forms.HiddenInput)
