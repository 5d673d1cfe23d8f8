"""Words of the desk: an audience, a state and a hold as a field worker would say them."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns import series
from campaigns.models import Broadcast, Segment
from campaigns.partners.limit_words import LIMITS
from cms.freshness import Hold
from cms.models import Route, RoutePage
from locales.countries import country_name
from locales.languages import LANGUAGES
from messaging.guarding import restoring
from messaging.models import Batch
from messaging.models.subscribers import Channel
from messaging.notifying import templates
from messaging.sending import self_pausing

_EDITOR_REPAIRS = gettext_lazy("Ask an editor to check it at its source and publish it again.")
# What stands in the way, and what to do about it.
_HOLDS = {
    "not_published": (
        gettext_lazy("It is not published."),
        gettext_lazy("Ask an editor to publish it."),
    ),
    "not_sendable": (
        gettext_lazy("Nobody has cleared it for real people."),
        gettext_lazy("Ask an editor to have it checked and cleared."),
    ),
    "translation_unreviewed": (
        gettext_lazy("A second person has not read this translation."),
        gettext_lazy("Ask an editor to have it reviewed."),
    ),
    "message_expired": (gettext_lazy("The message has expired."), _EDITOR_REPAIRS),
    "translation_outdated": (
        gettext_lazy("A translation is older than the text it was made from."),
        gettext_lazy("Ask an editor to bring it up to date, then freeze the texts again."),
    ),
    "use_changed": (
        gettext_lazy("A fact in it has changed since the text was checked."),
        gettext_lazy("Ask an editor to look at the text again and confirm or change it."),
    ),
    "pathway_incomplete": (
        gettext_lazy("A legal way in it does not say what one must know."),
        _EDITOR_REPAIRS,
    ),
    "consent_withdrawn": (
        gettext_lazy("A person in it no longer agrees that her story is told."),
        gettext_lazy("It cannot be sent. Choose another message."),
    ),
    "fact_expired": (gettext_lazy("A fact in it has expired."), _EDITOR_REPAIRS),
    "pathway_expired": (gettext_lazy("A legal way in it has ended."), _EDITOR_REPAIRS),
    "claim_expired": (gettext_lazy("An answer in it has expired."), _EDITOR_REPAIRS),
    "story_expired": (gettext_lazy("A story in it has expired."), _EDITOR_REPAIRS),
    "story_stale": (gettext_lazy("A story in it is past its review date."), _EDITOR_REPAIRS),
    "fact_stale": (gettext_lazy("A fact in it is past its review date."), _EDITOR_REPAIRS),
    "pathway_stale": (gettext_lazy("A legal way in it is past its review date."), _EDITOR_REPAIRS),
    "claim_stale": (gettext_lazy("An answer in it is past its review date."), _EDITOR_REPAIRS),
    "contact_point_expired": (
        gettext_lazy("A contact in it has expired."),
        gettext_lazy("Ask an editor to test the number, or to take it out of the message."),
    ),
    "contact_point_untested": (
        gettext_lazy("A contact in it has not been reached by a test lately."),
        gettext_lazy("Ask an editor to test the number, or to take it out of the message."),
    ),
    "on_request_only": (
        gettext_lazy("It is for people who ask for it, never to be pushed."),
        gettext_lazy("Ask an editor to give it a nudge; who answers that gets this text."),
    ),
    "template_not_approved": (
        gettext_lazy("WhatsApp has not approved this wording yet."),
        gettext_lazy("Wait for WhatsApp, or prepare it by SMS only."),
    ),
    "template_paused": (
        gettext_lazy("WhatsApp has paused this wording."),
        gettext_lazy("Wait some hours and ask WhatsApp again, or prepare it by SMS only."),
    ),
    "template_disabled": (
        gettext_lazy("WhatsApp has switched this wording off."),
        gettext_lazy("Ask an editor to change the text."),
    ),
    "text_corrected": (
        gettext_lazy("It was put right since it was sent."),
        gettext_lazy("If they still need it, prepare a new broadcast."),
    ),
    "may_be_out": (
        gettext_lazy("It may have gone out already, in the time that was lost by the restore."),
        gettext_lazy("Find out who got it; if they still need it, prepare a new broadcast."),
    ),
    "approval_void": (
        gettext_lazy("What was approved has changed since."),
        gettext_lazy("Open the series it belongs to, read it again and ask for approval anew."),
    ),
    "template_rejected": (
        gettext_lazy("WhatsApp refused this wording."),
        gettext_lazy("Ask an editor to change the text."),
    ),
    "no_text": (
        gettext_lazy("No text is frozen for these channels."),
        gettext_lazy("Freeze the texts again, or choose other channels."),
    ),
    **LIMITS,
}
# WhatsApp's reason stands in their detail.
_SAID_WITH_REASON = {"template_rejected", "template_paused", "template_disabled"}
_BATCH_BADGES = {
    Batch.State.PLANNING: ("moving", gettext_lazy("being planned")),
    Batch.State.RUNNING: ("moving", gettext_lazy("sending")),
    Batch.State.PAUSED: ("waiting", gettext_lazy("paused")),
    Batch.State.CANCELLED: ("ended", gettext_lazy("cancelled on the way")),
    Batch.State.FINISHED: ("done", gettext_lazy("sent")),
}
_PAUSES = {
    restoring.RESTORED: gettext_lazy(
        "It was paused after a restore. What may have gone out already is unknown and is never sent "
        "again; let it go on for the rest, or cancel it."
    ),
    templates.PAUSED_REASON: gettext_lazy(
        "It paused itself: WhatsApp does not let us send its wording any more. It can go on once "
        "WhatsApp has approved the wording again."
    ),
    series.PAUSED_REASON: gettext_lazy("It was paused with its series, and goes on with it."),
    self_pausing.FAILING: gettext_lazy(
        "It paused itself: too many of its messages fail. Find out why before it goes on."
    ),
}
_KINDS = {
    Broadcast.State.ASKED: "waiting",
    Broadcast.State.APPROVED: "moving",
    Broadcast.State.RETURNED: "waiting",
    Broadcast.State.VOID: "trouble",
    Broadcast.State.HELD: "trouble",
    Broadcast.State.MISSED: "trouble",
    Broadcast.State.LEFT: "ended",
    Broadcast.State.OVER: "done",
    Broadcast.State.CANCELLED: "ended",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """Hold a state in a few words, and its kind for the eye."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Hold what is held back, why, and what to do."""

    what: str
    why: str
    remedy: str


def make_badge(broadcast: Broadcast, batch: str) -> Badge:
    """Return the badge of a broadcast, with the state of its batch where it has one."""
    state = Broadcast.State(broadcast.state)
    if state == Broadcast.State.LAUNCHED and batch:
        kind, text = _BATCH_BADGES[Batch.State(batch)]
        return Badge(kind, str(text))
    if state == Broadcast.State.APPROVED and broadcast.schedule:
        if broadcast.schedule.paused_at:
            return Badge("waiting", _("paused"))
        return Badge("moving", _("goes out again and again"))
    return Badge(_KINDS.get(state, "plain"), str(state.label))


def explain_hold(hold: Hold) -> Obstacle:
    """Return a hold in words with what to do about it."""
    why, remedy = _HOLDS.get(hold.code, (hold.detail, gettext_lazy("Ask an editor.")))
    said = hold.code in _SAID_WITH_REASON and hold.detail
    return Obstacle(what=hold.what, why=said or str(why), remedy=str(remedy))


def explain_pause(reason: str) -> str:
    """Return why something paused by itself, and what to do; nothing where a person paused it."""
    return str(_PAUSES.get(reason, ""))


def name_routes() -> dict[str, str]:
    """Return the names of all routes by code, in the reader's language where a page has one."""
    names = dict(Route.objects.values_list("code", "name"))
    pages = RoutePage.objects.live().filter(locale__language_code=get_language())
    return names | dict(pages.values_list("migration_route__code", "title"))


def describe_audience(segment: Segment, names: dict[str, str]) -> str:
    """Return the rule of a segment as one line: routes, countries, languages, since when, channels."""
    language = get_language() or "en"
    # Some names of routes hold commas themselves.
    said = ["; ".join(names.get(code, code) for code in segment.routes)]
    if segment.countries:
        countries = ", ".join(country_name(code, language) for code in segment.countries)
        said.append(_("in %(countries)s") % {"countries": countries})
    if segment.languages:
        spoken = (LANGUAGES[code].endonym for code in segment.languages if code in LANGUAGES)
        said.append(", ".join(spoken))
    said += _describe_past(segment)
    said.append(", ".join(str(Channel(channel).label) for channel in segment.channels))
    return " · ".join(said)


def _describe_past(segment: Segment) -> list[str]:
    """Return since when people have joined, and how long they were not reached, in words."""
    said = []
    if segment.joined_from:
        said.append(_("joined since %(day)s") % {"day": date_format(segment.joined_from)})
    if segment.joined_until:
        said.append(_("joined until %(day)s") % {"day": date_format(segment.joined_until)})
    if segment.not_reached_days:
        said.append(_("not reached for %(days)d days") % {"days": segment.not_reached_days})
    if segment.received:
        said.append(_("who received an earlier message"))
    return said
