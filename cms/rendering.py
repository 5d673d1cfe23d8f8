"""A message in one language and channel becomes a Rendition: the very text that would go out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from cms.holding import behind_languages
from cms.links import fill_link, make_link
from cms.models import MessagePage, Sensitivity

CHANNELS = ("sms", "whatsapp")


class UnknownChannel(ValueError):
    """Raised for a channel that no message has a text for."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One text as it would go out; `revision` is the CMS revision it was read from."""

    message_key: str
    language: str
    channel: str
    text: str
    template_name: str
    category: str
    revision: int
    reviewed: bool


def render(
    message: MessagePage, *, channel: str, public_url: str, pushed: bool = False
) -> Rendition:
    """Render the live text of one language's page for one channel.

    `pushed` gives what may reach a phone unasked: of an on-request message that is its nudge.
    """
    link = make_link(public_url, code=message.code)
    template = name_template(message) if channel == "whatsapp" else ""
    return Rendition(
        message_key=message.key,
        language=message.locale.language_code,
        channel=channel,
        text=fill_link(_text_for(message, channel, pushed=pushed), link),
        template_name=template,
        category=message.whatsapp_template_category if template else "",
        revision=message.live_revision_id or 0,
        reviewed=not message.is_unreviewed,
    )


def editions_of(
    message: MessagePage, *, channels: Iterable[str], public_url: str, pushed: bool = False
) -> list[Rendition]:
    """Render the message in every language in which it is live, has a text and is not behind.

    Its source comes first; whether that may go out at all is for `cms.holding` to say.
    """
    source = message.source
    behind = behind_languages(source) - {source.locale.language_code}
    siblings = MessagePage.objects.live().filter(translation_key=source.translation_key)
    pages = sorted(
        (page for page in siblings.select_related("locale") if not _has_ended(page, source)),
        key=lambda page: (page.pk != source.pk, page.locale.language_code),
    )
    return [
        render(page, channel=channel, public_url=public_url, pushed=pushed)
        for page in pages
        for channel in channels
        if _text_for(page, channel, pushed=pushed) and page.locale.language_code not in behind
    ]


def _has_ended(page: MessagePage, source: MessagePage) -> bool:
    """Tell whether a translation has ended before its original, whose own end is among its holds."""
    return page.pk != source.pk and (page.has_expired or page.expires <= timezone.localdate())


def name_template(message: MessagePage) -> str:
    """Return the WhatsApp template's name, or nothing where free text will do."""
    if not message.whatsapp_template_needed:
        return ""
    # WhatsApp takes small letters, digits and underscores; one name serves every language.
    return message.whatsapp_template_name or re.sub(r"[^a-z0-9]+", "_", message.key.lower())


def _text_for(message: MessagePage, channel: str, *, pushed: bool) -> str:
    if channel not in CHANNELS:
        raise UnknownChannel(channel)
    # The original decides: a translation's own copy of the choice may lag behind.
    if pushed and message.source.sensitivity == Sensitivity.ON_REQUEST:
        return message.nudge_text
    return str(getattr(message, f"{channel}_text"))
