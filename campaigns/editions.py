"""Editions: render a message once in every language and channel, and freeze what came out."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery

from campaigns.models import Broadcast, Edition
from campaigns.models.broadcasts import CHANGEABLE
from cms.models import MessagePage
from cms.rendering import Rendition, editions_of
from locales.alphabets import compose_text, count_parts
from messaging.models import Template
from messaging.templates import ensure_template


def freeze(broadcast: Broadcast, *, now: datetime) -> list[Edition]:
    """Replace a broadcast's editions by fresh renditions and return those that count.

    What somebody has been asked to approve meanwhile stays as it is. Raise
    `messaging.templates.TemplateError` when a WhatsApp wording cannot be submitted.
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
    template_ref = ""
    if pushed:
        # Outside the 24-hour window WhatsApp takes approved wording only.
        template_ref = ensure_template(
            rendition.template_name or _name_template(rendition.message_key),
            language=rendition.language,
            category=rendition.category or "marketing",
            body=rendition.text,
            now=now,
        ).ref
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


def _name_template(message_key: str) -> str:
    # A pushed wording is always a template, also where the editor meant it for replies.
    return re.sub(r"[^a-z0-9]+", "_", message_key.lower())


def read_with_wordings(broadcast: Broadcast) -> list[Edition]:
    """Return the frozen editions; `wording` is the state of the template that one is pushed with."""
    # What was never submitted has no reference yet.
    templates = Template.objects.exclude(ref="").filter(ref=OuterRef("template_ref"))
    state = Subquery(templates.values("state")[:1])
    return list(broadcast.editions.annotate(wording=state))


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
