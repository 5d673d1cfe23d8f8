"""The form above the list of broadcasts: which of them to show. What it cannot read it leaves aside."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from campaigns.models import Broadcast, Partner

_State = Broadcast.State
_STANDINGS: dict[str, tuple[Broadcast.State, ...]] = {
    "prepared": (_State.DRAFT, _State.RETURNED, _State.VOID),
    "asked": (_State.ASKED,),
    "approved": (_State.APPROVED,),
    "launched": (_State.LAUNCHED,),
    "undecided": (_State.HELD, _State.MISSED, _State.VOID),
    "given_up": (_State.LEFT, _State.CANCELLED),
    "over": (_State.OVER,),
}
_ANY = [
    ("", gettext_lazy("any state")),
    ("prepared", gettext_lazy("being prepared")),
    ("asked", gettext_lazy("waits for approval")),
    ("approved", gettext_lazy("approved, waits for its time")),
    ("launched", gettext_lazy("being sent or sent")),
    ("undecided", gettext_lazy("did not go out, waits for a decision")),
    ("given_up", gettext_lazy("given up")),
    ("over", gettext_lazy("series that are over")),
]


class ListForm(forms.Form):
    """Ask which broadcasts to show: by words of the message, state, partner and time."""

    words = forms.CharField(
        required=False, max_length=80, label=gettext_lazy("Words of the message")
    )
    standing = forms.ChoiceField(required=False, choices=_ANY, label=gettext_lazy("State"))
    partner = forms.ModelChoiceField(
        required=False,
        queryset=Partner.objects.none(),
        label=gettext_lazy("Partner"),
        empty_label=gettext_lazy("all partners"),
    )
    since = forms.DateField(
        required=False,
        label=gettext_lazy("Goes out from"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        required=False,
        label=gettext_lazy("Goes out until"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, partners: QuerySet[Partner], several: bool) -> None:
        super().__init__(*args)
        if several:
            self.fields["partner"].queryset = partners.order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["partner"]

    @property
    def narrows(self) -> bool:
        """Say whether anything was chosen."""
        return any(self._chosen.values())

    @property
    def _chosen(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    def narrow(self, broadcasts: QuerySet[Broadcast]) -> QuerySet[Broadcast]:
        """Return those that were asked for."""
        chosen = self._chosen
        wanted = {
            "message__title__icontains": chosen.get("words"),
            "state__in": _STANDINGS.get(chosen.get("standing") or ""),
            "partner": chosen.get("partner"),
            "send_at__date__gte": chosen.get("since"),
            "send_at__date__lte": chosen.get("until"),
        }
        return broadcasts.filter(**{name: value for name, value in wanted.items() if value})
