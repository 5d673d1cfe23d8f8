"""Forms of the desk. What they check is checked here; what they make is made by services."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.approval.approving import hold_content
from campaigns.approval.meant import read_meant
from campaigns.drafting.preparing import Wish, make_token
from campaigns.forms.rules import RuleForm
from campaigns.forms.sender_choice import SenderChoiceForm
from campaigns.forms.times import AGAIN, AT, AT_ONCE, TimeForm
from campaigns.models import Broadcast, Campaign, Membership, Partner, Segment
from campaigns.permissions import Person, partners_of
from campaigns.reckoning.segmenting import Rule, read_rule
from campaigns.recurring import Rhythm
from campaigns.words import Obstacle, explain_hold
from cms.links import fill_link, make_link
from cms.models import MessagePage
from messaging.models.subscribers import Channel

__all__ = ["AGAIN", "AT", "AT_ONCE", "BroadcastForm"]


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


class BroadcastForm(TimeForm, SenderChoiceForm, RuleForm):
    """Ask what to send, to whom, by which way and when."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    partner = forms.ModelChoiceField(queryset=Partner.objects.none())
    message = forms.ModelChoiceField(
        queryset=MessagePage.objects.none(),
        error_messages={"required": gettext_lazy("Choose a message.")},
    )
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), required=False, empty_label=gettext_lazy("none")
    )
    saved = forms.ModelChoiceField(
        queryset=Segment.objects.none(),
        required=False,
        empty_label=gettext_lazy("none: choose below"),
    )
    first = forms.ChoiceField(choices=Channel.choices, widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, person: Person, now: datetime, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "form_token": make_token(),
            "channels": Channel.values,
            "first": Channel.values[0],
            "when": AT_ONCE,
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, now=now, **kwargs)
        self._fill_choices(partners_of(person, Membership.Role.SCHEDULER).order_by("name"))
        if self["saved"].value():
            # What is chosen below does not count then.
            self.fields["routes"].required = self.fields["channels"].required = False

    def _fill_choices(self, partners: Any) -> None:
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        if len(partners) == 1:
            self.fields["partner"].widget = forms.HiddenInput()
            self.fields["partner"].initial = partners[0].pk
        self.fields["message"].queryset = (  # type: ignore[attr-defined]
            MessagePage.objects.sendable_sources()
        )
        going = Campaign.objects.filter(activated_at__isnull=False, purged_at__isnull=True)
        self.fields["campaign"].queryset = going.filter(  # type: ignore[attr-defined]
            partner__in=partners
        )
        saved = Segment.objects.filter(partner__in=partners, is_saved=True).order_by("name")
        self.fields["saved"].queryset = saved  # type: ignore[attr-defined]
        everywhere = any(not partner.countries for partner in partners)
        named = {code for partner in partners for code in partner.countries}
        self.offer_senders([] if everywhere else sorted(named))

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
        """Refuse a channel without a text, people it is not meant for, and what is another partner's."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("campaign", "saved"):
            if cleaned.get(name) and cleaned[name].partner != cleaned.get("partner"):
                self.add_error(name, _("This belongs to another partner. Choose again."))
        page, saved = cleaned.get("message"), cleaned.get("saved")
        channels = saved.channels if saved else cleaned.get("channels", [])
        for channel in channels if page else []:
            if not getattr(page, f"{channel}_text"):
                label = Channel(channel).label
                self.add_error("channels", _("This message has no text for %s.") % label)
        self.refuse_senders(channels, saved.countries if saved else cleaned.get("countries", []))
        if page:
            self._refuse_outside(
                page,
                saved
                or Segment(**{name: cleaned.get(name, []) for name in ("routes", "countries")}),
            )
        return cleaned

    def _refuse_outside(self, page: MessagePage, rule: Segment) -> None:
        """Refuse people for whom the message is not meant."""
        meant, partner = read_meant(page), self.cleaned_data.get("partner")
        countries = rule.countries or meant.narrow(partner.countries if partner else ())
        for one in map(explain_hold, meant.find_outside(rule.routes, countries)):
            self.add_error("message", f"{one.what}: {one.why} {one.remedy}")

    def make_rule(self) -> Rule:
        """Return the rule that was chosen, a saved one or that of the form, within the partner's own."""
        saved, partner = self.cleaned_data["saved"], self.cleaned_data["partner"]
        rule = read_rule(saved) if saved else super().make_rule()
        # Without a choice it goes to all of the partner's that the message is meant for, which may not
        # be all there are.
        meant = read_meant(self.cleaned_data["message"])
        return replace(
            rule,
            countries=rule.countries or meant.narrow(partner.countries),
            languages=rule.languages or tuple(partner.languages),
        )

    def make_wish(self, rhythm: Rhythm | None = None) -> Wish:
        """Return when to send, by which way, and the form's token, from a valid form."""
        cleaned = self.cleaned_data
        usual = sorted(self.make_rule().channels)
        # A stable sort: the chosen one first, the others as they were.
        order = sorted(usual, key=lambda channel: channel != cleaned["first"])
        return Wish(
            rhythm=rhythm,
            send_at=cleaned["send_at"] if cleaned["when"] == AT else None,
            in_quiet_hours=cleaned["in_quiet_hours"],
            in_evening=cleaned["in_evening"],
            send_before=cleaned["send_before"],
            channels=tuple(order) if order != usual else (),
            senders=self.read_senders(usual),
            campaign=cleaned["campaign"],
            form_token=cleaned["form_token"].hex,
        )

    def _find_obstacles(self, page: MessagePage) -> list[Obstacle]:
        holds = hold_content(Broadcast(message=page), now=self._now)
        return [explain_hold(hold) for hold in holds]
