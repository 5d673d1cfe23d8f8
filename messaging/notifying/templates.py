"""Templates: wording that WhatsApp must approve before it may be pushed, and what it says of it since.

No provider tells us of a change: each wording is asked about by the hour, and before it is launched.
"""

import hashlib
import logging
import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q

from locales.languages import LANGUAGES
from messaging.guarding import watching
from messaging.models import Alarm, Batch, BatchText, Sender, Template
from messaging.notifying.confirming import reader_language
from messaging.providers.base import Provider
from messaging.senders.roster import NoSenderError, provider_named
from messaging.sending import batches
from messaging.wire import BUSY, WHATSAPP, NotAccepted, SendError, TemplateWord

MOST_GAPS = 100
# Why a batch paused itself (`Batch.paused_reason`).
PAUSED_REASON = "template"
_PENDING_EVERY, _OTHERS_EVERY = timedelta(minutes=5), timedelta(hours=1)
# What was heard a moment ago is not asked for again.
_FRESH = timedelta(minutes=1)
# Longer than the calls by which a wording is submitted.
_TURN = timedelta(minutes=1)
_MOST_FAILURES = 3
_MOST_AT_ONCE = 500
_GAP = re.compile(r"\{\{([^{}]*)\}\}")
_STATES = {
    "approved": Template.State.APPROVED,
    "reinstated": Template.State.APPROVED,
    "rejected": Template.State.REJECTED,
    "paused": Template.State.PAUSED,
    "disabled": Template.State.DISABLED,
    "archived": Template.State.DISABLED,
    "deleted": Template.State.DISABLED,
    "locked": Template.State.DISABLED,
}
# Nothing may be sent with these any more, also where it has begun.
_STOPPED = (Template.State.REJECTED, Template.State.PAUSED, Template.State.DISABLED)

log = logging.getLogger("waymark.templates")


class TemplateError(Exception):
    """Say why a wording cannot be pushed on WhatsApp and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a wording to submit; `gaps` is how many variables are filled when it is sent."""

    name: str
    language: str
    category: str
    body: str = field(repr=False)
    gaps: int = 0

    @property
    def digest(self) -> str:
        """Return what makes the wording one of its own: its text and as what it is to be billed."""
        return hashlib.sha256(f"{self.category.lower()}\n{self.body}".encode()).hexdigest()


def submit(draft: Draft, *, sender: int | None = None, now: datetime) -> Template:
    """Return the template of a draft, submitted once; what WhatsApp has not decided is asked for again.

    It belongs to the account behind `sender`, or behind the house's first one.
    Raise `TemplateError` when it cannot be a template, or the provider cannot be asked.
    """
    check_gaps(draft)
    template, _made = Template.objects.get_or_create(
        sender=_find_sender(sender),
        name=draft.name,
        language=draft.language,
        digest=draft.digest,
        defaults={"category": draft.category, "body": draft.body},
    )
    # A refused wording stays refused: only another one, with a name of its own, can be submitted.
    if template.state != Template.State.REJECTED and not _is_fresh(template, now=now):
        try:
            _ask(template, now=now)
        except LookupError as error:
            raise TemplateError(str(error)) from error
        except SendError as error:
            raise TemplateError(
                f"The provider could not be asked about the WhatsApp wording ({error.reason})."
            ) from error
    return template


def check_gaps(draft: Draft) -> None:
    """Raise `TemplateError` unless the variables are {{1}}, {{2}}… without gaps, all filled by us.

    WhatsApp takes at most 100, and wants 2x + 1 words around x of them.
    """
    found = set(_GAP.findall(draft.body))
    if found != {str(number) for number in range(1, draft.gaps + 1)}:
        raise TemplateError(
            f"The WhatsApp wording needs {draft.gaps} variables, numbered from 1 without gaps."
        )
    words = _GAP.sub(" ", draft.body).split()
    if draft.gaps > MOST_GAPS or (found and len(words) < 2 * len(found) + 1):
        raise TemplateError("The WhatsApp wording has too few words for its variables.")


def poll(*, now: datetime, seconds: float, early: bool = False) -> int:
    """Ask about the wordings that have waited longest, for at most `seconds`; return how many.

    With `early` also about those whose hour is not over.
    """
    until = time.monotonic() + seconds
    asked = failures = 0
    for template in _find_due(now, early=early):
        if time.monotonic() >= until or failures >= _MOST_FAILURES:
            break
        if _ask_quietly(template, now=now):
            asked, failures = asked + 1, 0
        else:
            failures += 1
    return asked


def refresh(refs: Collection[str], *, now: datetime) -> None:
    """Ask what WhatsApp says of some wordings now; where that fails, what is known stays."""
    known = Template.objects.filter(ref__in=[ref for ref in refs if ref]).select_related("sender")
    worth = known.exclude(state=Template.State.REJECTED)
    for template in [one for one in worth if not _is_fresh(one, now=now)]:
        # Whoever launches waits for this: one that does not answer is not asked about the next.
        if not _ask_quietly(template, now=now):
            return


def hear(ref: str, said: TemplateWord, *, now: datetime) -> None:
    """Take what a provider tells by itself; where it says nothing of the state, it is asked next time."""
    for template in Template.objects.filter(ref=ref):
        if said.word:
            _keep(template, said, now=now)
        else:
            Template.objects.filter(pk=template.pk).update(checked_at=None)


def find_unsendable(refs: Iterable[str]) -> list[Template]:
    """Return those of some wordings that WhatsApp does not let us send now."""
    wanted = Template.objects.filter(ref__in=[ref for ref in refs if ref])
    return list(wanted.exclude(state=Template.State.APPROVED).order_by("name", "language"))


def find_service_wording(kind: str, language: str) -> str | None:
    """Return the reference of the approved wording of a kind of notice, in the nearest of our languages."""
    named = Template.objects.filter(
        name=f"waymark_{kind}",
        language=reader_language(language),
        state=Template.State.APPROVED,
    )
    return named.exclude(ref="").order_by("-pk").values_list("ref", flat=True).first()


def list_spoken(kind: str) -> list[str]:
    """Return the languages whose people a kind of notice can be pushed to on WhatsApp."""
    approved = Template.objects.filter(name=f"waymark_{kind}", state=Template.State.APPROVED)
    known = set(approved.exclude(ref="").values_list("language", flat=True))
    return [code for code in LANGUAGES if reader_language(code) in known]


def read_word(said: TemplateWord) -> str:
    """Return the state that a provider's word means; whatever is not known cannot be sent."""
    return _STATES.get(said.word.strip().lower(), Template.State.PENDING)


def _find_due(now: datetime, *, early: bool) -> Iterable[Template]:
    if early:
        now += _OTHERS_EVERY
    waits = Q(state=Template.State.PENDING, checked_at__lte=now - _PENDING_EVERY)
    due = Q(checked_at__isnull=True) | waits | Q(checked_at__lte=now - _OTHERS_EVERY)
    submitted = Template.objects.exclude(ref="").exclude(state=Template.State.REJECTED)
    first = F("checked_at").asc(nulls_first=True)
    return submitted.filter(due).select_related("sender").order_by(first, "pk")[:_MOST_AT_ONCE]


def _is_fresh(template: Template, *, now: datetime) -> bool:
    decided = template.state != Template.State.PENDING
    return decided and template.checked_at is not None and template.checked_at > now - _FRESH


def _find_sender(chosen: int | None) -> Sender:
    # Wordings belong to the account behind a sender: the first one's stand for all of it.
    known = Sender.objects.filter(channel=WHATSAPP, active=True).order_by("priority", "pk")
    if chosen is not None:
        known = known.filter(provider__in=known.filter(pk=chosen).values("provider"))
    sender = known.first()
    if sender is None:
        raise NoSenderError("No active sender serves WhatsApp. Add one first.")
    return sender


def _ask_quietly(template: Template, *, now: datetime) -> bool:
    try:
        _ask(template, now=now)
    except (SendError, LookupError) as error:
        log.warning("wording %s cannot be asked about: %s", template.pk, type(error).__name__)
        return False
    return True


def _ask(template: Template, *, now: datetime) -> None:
    provider = provider_named(template.sender.provider)
    if not template.ref:
        _submit(template, provider, now=now)
    _keep(template, provider.read_template(template.ref), now=now)


def _submit(template: Template, provider: Provider, *, now: datetime) -> None:
    """Submit a wording that nobody else is submitting; raise NotAccepted while somebody is."""
    mine = Template.objects.filter(pk=template.pk, ref="")
    free = Q(checked_at__isnull=True) | Q(checked_at__lte=now - _TURN)
    if not mine.filter(free).update(checked_at=now):
        template.refresh_from_db(fields=["ref"])
        if not template.ref:
            raise NotAccepted(BUSY)
        return
    try:
        template.ref = provider.register_template(
            # A refused name cannot be used again, so the digest is part of it.
            name=f"{template.name}_{template.digest[:8]}",
            language=template.language,
            category=template.category.upper(),
            body=template.body,
        )
    except SendError:
        mine.update(checked_at=None)
        raise
    template.save(update_fields=["ref"])


def _keep(template: Template, said: TemplateWord, *, now: datetime) -> None:
    before = template.state, template.billed_as
    template.state = read_word(said)
    template.reason = "" if template.state == Template.State.APPROVED else said.reason[:200]
    template.found_category = said.category.lower()[:20] or template.found_category
    template.checked_at = now
    template.save(update_fields=["state", "reason", "found_category", "checked_at"])
    is_stopped = template.state in _STOPPED
    if is_stopped:
        _pause_batches(template)
    # Another category has another price: whoever approved the old one has to know.
    if (is_stopped and template.state != before[0]) or template.billed_as != before[1]:
        watching.raise_alarm(Alarm.Kind.TEMPLATES, now=now)


def _pause_batches(template: Template) -> None:
    with_it = BatchText.objects.filter(template_ref=template.ref).values("batch_id")
    running = Batch.objects.filter(pk__in=with_it, state=Batch.State.RUNNING)
    for reference in running.values_list("reference", flat=True):
        batches.pause(reference, reason=PAUSED_REASON)
