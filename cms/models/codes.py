"""A list of short codes in one column: countries, languages, topics. Not for anything with fields."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


class CommaSeparated(forms.Field):
    """A form field that shows a list as words with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        """Join a list for the text box."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Split the text box at its commas."""
        if isinstance(value, list):
            return value
        return [part.strip() for part in (value or "").split(",") if part.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lists, not how they are typed."""
        return self.to_python(initial) != self.to_python(data)


class CodesField(models.JSONField):
    """Keep a list of codes; with a vocabulary they are ticked, without one they are typed."""

    def __init__(
        self, *args: Any, vocabulary: Sequence[tuple[str, Any]] = (), **kwargs: Any
    ) -> None:
        self.vocabulary = tuple(vocabulary)
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        """Offer boxes to tick, or one text box."""
        shown = {
            "label": kwargs.get("label", capfirst(str(self.verbose_name))),
            "help_text": kwargs.get("help_text", self.help_text),
            "required": not self.blank,
        }
        if self.vocabulary:
            return forms.MultipleChoiceField(
                choices=self.vocabulary, widget=forms.CheckboxSelectMultiple, **shown
            )
        if not shown["help_text"]:
            shown["help_text"] = _("Codes, with commas between them.")
        return CommaSeparated(**shown)
