"""Editions: render a message once in every language and channel, and freeze what came out."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.models import Broadcast, Edition
from campaigns.models.broadcasts import CHANGEABLE
from cms.models import MessagePage
from cms.rendering import Rendition, editions_of
from locales.alphabets import compose_text, count_parts
from messaging.models import Template
from messaging.notifying import templates
from messaging.notifying.templates import Draft


def freeze(broadcast: Broadcast, *, now: datetime) -> list[Edition]:
    """Replace a broadcast's editions by fresh renditions and return those that count.

    What somebody has been asked to approve meanwhile stays as it is. Raise
    `messaging.notifying.templates.TemplateError` when a WhatsApp wording cannot be submitted.
    """
    editions = [
        _freeze_one(broadcast, rendition, now=now)
        for rendition in render_sendable(broadcast.message, broadcast.segment.channels, pushed=True)
    ]
    with transaction.atomic():
        # Rendering may take long. Approving and launching lock the broadcast too.
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if locked.state not in CHANGEABLE:
            return list(locked.editions.all())
        locked.editions.all().delete()
        return Edition.objects.bulk_create(editions)


def _freeze_one(broadcast: Broadcast, rendition: Rendition, *, now: datetime) -> Edition:
    pushed = rendition.channel == "whatsapp"
    # Outside the 24-hour window WhatsApp takes approved wording only.
    sender = broadcast.senders.get(rendition.channel)
    template_ref = (
        templates.submit(make_draft(rendition), sender=sender, now=now).ref if pushed else ""
    )
    count = count_parts(rendition.text)
    return Edition(
        broadcast=broadcast,
        channel=rendition.channel,
        language=rendition.language,
        text=rendition.text,
        parts=1 if pushed else count.parts,
        alphabet=count.alphabet,
        template_ref=template_ref,
        revision=rendition.revision,
        reviewed=rendition.reviewed,
    )


def make_draft(rendition: Rendition) -> Draft:
    """Return the wording that WhatsApp is to approve before a rendition may be pushed."""
    # A pushed wording is always a template, also where the editor meant it for replies.
    name = rendition.template_name or re.sub(r"[^a-z0-9]+", "_", rendition.message_key.lower())
    return Draft(
        name=name,
        language=rendition.language,
        category=rendition.category or "marketing",
        body=compose_text(rendition.text),
    )


def read_with_wordings(broadcast: Broadcast) -> list[Edition]:
    """Return the frozen editions; `wording` is the template that one is pushed with, or None."""
    frozen: list[Any] = list(broadcast.editions.all())
    # What was never submitted has no reference yet.
    refs = [edition.template_ref for edition in frozen if edition.template_ref]
    known = {row.ref: row for row in Template.objects.filter(ref__in=refs)}
    for edition in frozen:
        edition.wording = known.get(edition.template_ref)
    return frozen


def find_categories(frozen: Iterable[Edition]) -> dict[str, str]:
    """Return as what WhatsApp bills the wordings of some editions, by their reference."""
    refs = [edition.template_ref for edition in frozen if edition.template_ref]
    return {row.ref: row.billed_as for row in Template.objects.filter(ref__in=refs)}


def refresh_wordings(broadcast: Broadcast, *, now: datetime) -> None:
    """Ask what WhatsApp says of a broadcast's wordings now; where that fails, what is known stays."""
    refs = broadcast.editions.exclude(template_ref="").values_list("template_ref", flat=True)
    templates.refresh(list(refs), now=now)


def render_again(broadcast: Broadcast) -> dict[tuple[str, str], str]:
    """Return the message's texts as they would come out now, by channel and language."""
    return {
        (one.channel, one.language): one.text
        for one in render_sendable(broadcast.message, broadcast.segment.channels, pushed=True)
    }


def render_sendable(
    message: MessagePage, channels: Iterable[str], *, pushed: bool = False
) -> list[Rendition]:
    """Render a message in every language that may go out; live, only what a person has reviewed."""
    renditions = editions_of(
        message, channels=channels, public_url=settings.PUBLIC_URL, pushed=pushed
    )
    # Composed letters take fewer parts and look the same (Unicode NFC).
    return [
        replace(one, text=compose_text(one.text))
        for one in renditions
        if one.reviewed or settings.REHEARSAL
    ]
