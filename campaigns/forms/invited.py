"""What somebody says of herself who is invited: a name and a password that nobody guesses."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_HIDDEN = {"autocomplete": "new-password"}


class InvitedForm(forms.Form):
    """Ask a newcomer for her name and a password, twice."""

    name = forms.CharField(
        label=gettext_lazy("Your name, as colleagues know you"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=gettext_lazy("A password: twelve characters or more, nothing well known"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs=_HIDDEN),
    )
    again = forms.CharField(
        label=gettext_lazy("The password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs=_HIDDEN),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is short, well known, like her name, or not the same twice."""
        held = super().clean() or self.cleaned_data
        password = held.get("password")
        if not password:
            return held
        if held.get("again") not in (None, password):
            self.add_error("again", _("This is not the same password."))
        who = User(username=self._email, email=self._email, first_name=held.get("name", ""))
        try:
            validate_password(password, who)
        except ValidationError as error:
            self.add_error("password", error)
        return held
