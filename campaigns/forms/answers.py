"""Forms of the inbox: an answer to one question, and the prepared answers that are kept for all."""

from typing import Any

from django import forms
from django.db.models import Case, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.field.inbox import LONGEST
from campaigns.models import Membership, Partner, PreparedAnswer
from campaigns.permissions import Person, partners_of, prepared_answers_visible_to
from campaigns.staff import Duties
from locales.languages import LANGUAGES


class AnswerForm(forms.Form):
    """Ask for an answer: one that is prepared, or one of her own words, which go first."""

    prepared = forms.ModelChoiceField(queryset=PreparedAnswer.objects.none(), required=False)
    text = forms.CharField(
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"max_length": gettext_lazy("It is too long. Make it shorter.")},
    )

    def __init__(self, *args: Any, person: Person, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = prepared_answers_visible_to(person).filter(is_active=True)
        # Those in her language first.
        mine = mine.order_by(Case(When(language=language, then=0), default=1), "title", "language")
        self.fields["prepared"].queryset = mine  # type: ignore[attr-defined]

    @property
    def choices(self) -> list[tuple[PreparedAnswer, bool]]:
        """Return every prepared answer, and whether it is chosen."""
        chosen = str(self["prepared"].value() or "")
        answers = self.fields["prepared"].queryset  # type: ignore[attr-defined]
        return [(answer, chosen == str(answer.pk)) for answer in answers]

    def clean(self) -> dict[str, Any]:
        """Refuse a form that says nothing."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("text") and not cleaned.get("prepared") and not self.errors:
            raise forms.ValidationError(_("Write an answer, or choose a prepared one."))
        return cleaned

    def read_text(self) -> str:
        """Return the answer of a valid form."""
        prepared: PreparedAnswer | None = self.cleaned_data["prepared"]
        return self.cleaned_data["text"] or (prepared.text if prepared else "")


class PreparedAnswerForm(forms.ModelForm[PreparedAnswer]):
    """Ask for a prepared answer: whose, in which language, under which title."""

    partner = forms.ModelChoiceField(queryset=Partner.objects.none(), required=False)
    language = forms.ChoiceField()
    text = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Write the text.")},
    )

    class Meta:
        model = PreparedAnswer
        fields = ("partner", "title", "language", "text", "is_active")
        error_messages = {"title": {"required": gettext_lazy("Write a title.")}}

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = partners_of(person, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
        field: Any = self.fields["partner"]
        field.queryset = mine.order_by("name")
        # Only a lead keeps what is for everybody.
        field.required = not Duties(person).words
        field.error_messages["required"] = _("Choose a partner.")
        if field.required and len(field.queryset) == 1:
            field.widget = forms.HiddenInput()
            field.initial = field.queryset[0].pk
        named = sorted((one.endonym, code) for code, one in LANGUAGES.items())
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, endonym) for endonym, code in named
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a second one of the same title and language."""
        cleaned = super().clean() or self.cleaned_data
        same = PreparedAnswer.objects.filter(
            partner=cleaned.get("partner"),
            title=cleaned.get("title"),
            language=cleaned.get("language"),
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("title", _("There is one of this title in this language already."))
        return cleaned
