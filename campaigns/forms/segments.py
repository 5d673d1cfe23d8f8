"""The form of a saved audience: its name and its rule."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from campaigns.forms.rules import RuleForm
from campaigns.models import Membership, Partner
from campaigns.permissions import Person, partners_of


class SegmentForm(RuleForm):
    """Ask under which name to save which rule, and for which partner."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Give it a name.")},
    )
    partner = forms.ModelChoiceField(
        label=gettext_lazy("Partner"), queryset=Partner.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, person: Person, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        plans = partners_of(person, Membership.Role.SCHEDULER).order_by("name")
        self.fields["partner"].queryset = plans  # type: ignore[attr-defined]
        if len(plans) == 1:
            self.fields["partner"].widget = forms.HiddenInput()
            self.fields["partner"].initial = plans[0].pk
