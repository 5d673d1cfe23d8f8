"""Forms of the desk. What they check is checked here; what they make is made by services."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.approving import hold_content
from campaigns.models import Broadcast, Membership, Partner
from campaigns.permissions import Person, partners_of
from campaigns.preparing import Wish, make_token
from campaigns.words import Obstacle, explain_hold, name_routes
from cms.links import fill_link, make_link
from cms.models import MessagePage, Route
from locales.countries import COUNTRIES, country_name
from messaging.models.subscribers import Channel

AT_ONCE, AT = "at_once", "at"
# A union of countries is nowhere a person says she is.
_NO_COUNTRIES = {"EU"}


@dataclass(frozen=True, slots=True)
class MessageChoice:
    """Hold one message to choose; one with obstacles cannot be picked."""

    page: MessagePage
    obstacles: list[Obstacle]
    chosen: bool

    @property
    def preview(self) -> str:
        """Return the beginning of its text, with a short stand-in for the link."""
        text = self.page.sms_text or self.page.whatsapp_text
        return fill_link(text, make_link("…", code=self.page.code))


class BroadcastForm(forms.Form):
    """Ask what to send, to whom and when."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    partner = forms.ModelChoiceField(queryset=Partner.objects.none())
    message = forms.ModelChoiceField(
        queryset=MessagePage.objects.none(),
        error_messages={"required": gettext_lazy("Choose a message.")},
    )
    routes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one route.")},
    )
    countries = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    channels = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        choices=Channel.choices,
        error_messages={"required": gettext_lazy("Choose at least one channel.")},
    )
    when = forms.ChoiceField(
        choices=[
            (AT_ONCE, gettext_lazy("As soon as it is approved")),
            (AT, gettext_lazy("At a date and time")),
        ],
        widget=forms.RadioSelect,
    )
    send_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    in_quiet_hours = forms.BooleanField(required=False)

    def __init__(self, *args: Any, person: Person, now: datetime, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "form_token": make_token(),
            "channels": Channel.values,
            "when": AT_ONCE,
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self._now = now
        self._fill_choices(partners_of(person, Membership.Role.SCHEDULER).order_by("name"))

    def _fill_choices(self, partners: Any) -> None:
        language = get_language() or "en"
        names = name_routes()
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        if len(partners) == 1:
            self.fields["partner"].widget = forms.HiddenInput()
            self.fields["partner"].initial = partners[0].pk
        self.fields["message"].queryset = (  # type: ignore[attr-defined]
            MessagePage.objects.sendable_sources()
        )
        codes = Route.objects.order_by("-demo", "name").values_list("code", flat=True)
        self.fields["routes"].choices = [(c, names[c]) for c in codes]  # type: ignore[attr-defined]
        countries = [(c, country_name(c, language)) for c in COUNTRIES if c not in _NO_COUNTRIES]
        self.fields["countries"].choices = sorted(  # type: ignore[attr-defined]
            countries, key=lambda pair: pair[1]
        )

    @cached_property
    def message_choices(self) -> list[MessageChoice]:
        """Return every message, with what stands in its way."""
        chosen = str(self["message"].value() or "")
        pages = self.fields["message"].queryset  # type: ignore[attr-defined]
        return [
            MessageChoice(page, self._find_obstacles(page), chosen == str(page.pk))
            for page in pages
        ]

    def free_messages(self) -> list[MessageChoice]:
        """Return the messages that may go out."""
        return [choice for choice in self.message_choices if not choice.obstacles]

    def held_messages(self) -> list[MessageChoice]:
        """Return the messages that are held back."""
        return [choice for choice in self.message_choices if choice.obstacles]

    def narrowed(self) -> bool:
        """Say whether countries were chosen, so that the page shows them open."""
        return bool(self["countries"].value())

    def clean_message(self) -> MessagePage:
        """Refuse a message that is held back, also when the form was forged."""
        page: MessagePage = self.cleaned_data["message"]
        obstacles = self._find_obstacles(page)
        if obstacles:
            reasons = " ".join(f"{one.what}: {one.why} {one.remedy}" for one in obstacles)
            raise forms.ValidationError(
                _("This message is held back. %(reasons)s") % {"reasons": reasons}
            )
        return page

    def clean(self) -> dict[str, Any]:
        """Refuse a channel without a text and a time that has passed."""
        cleaned = super().clean() or self.cleaned_data
        page = cleaned.get("message")
        for channel in cleaned.get("channels", []) if page else []:
            if not getattr(page, f"{channel}_text"):
                label = Channel(channel).label
                self.add_error("channels", _("This message has no text for %s.") % label)
        if cleaned.get("when") == AT and "send_at" in cleaned:
            self._check_time(cleaned["send_at"])
        return cleaned

    def make_wish(self) -> Wish:
        """Return when to send, and the form's token, from a valid form."""
        cleaned = self.cleaned_data
        return Wish(
            send_at=cleaned["send_at"] if cleaned["when"] == AT else None,
            in_quiet_hours=cleaned["in_quiet_hours"],
            form_token=cleaned["form_token"].hex,
        )

    def _check_time(self, send_at: datetime | None) -> None:
        if send_at is None:
            self.add_error("send_at", _("Choose a date and a time."))
        elif send_at <= self._now:
            self.add_error("send_at", _("This time has passed. Choose a later one, in UTC."))

    def _find_obstacles(self, page: MessagePage) -> list[Obstacle]:
        holds = hold_content(Broadcast(message=page), now=self._now)
        return [explain_hold(hold) for hold in holds]
