"""Templates: wording that WhatsApp must approve before it may be pushed."""

import hashlib
from datetime import datetime

from messaging.models import Template
from messaging.senders import choose_sender, provider_named
from messaging.wire import SendError


class TemplateError(Exception):
    """Say why a wording cannot be pushed on WhatsApp and what to do."""


def ensure_template(
    name: str, *, language: str, category: str, body: str, now: datetime
) -> Template:
    """Return the template of exactly this wording, submitting it for approval when it is new.

    Raise `TemplateError` when the provider cannot be asked.
    """
    sender = choose_sender("whatsapp", country="")
    digest = hashlib.sha256(body.encode()).hexdigest()
    template, _made = Template.objects.get_or_create(
        sender=sender,
        name=name,
        language=language,
        digest=digest,
        defaults={"category": category, "body": body},
    )
    if template.state == Template.State.PENDING:
        _ask(template, provider_name=sender.provider, now=now)
    return template


def _ask(template: Template, *, provider_name: str, now: datetime) -> None:
    provider = provider_named(provider_name)
    try:
        if not template.ref:
            template.ref = provider.register_template(
                # A refused name cannot be used again, so the digest is part of it.
                name=f"{template.name}_{template.digest[:8]}",
                language=template.language,
                category=template.category,
                body=template.body,
            )
            template.save(update_fields=["ref"])
        word = provider.template_state(template.ref)
    except SendError as error:
        raise TemplateError(
            f"The provider could not be asked about the WhatsApp wording ({error.reason})."
        ) from error
    if word in {"approved", "rejected"}:
        template.state = word
    template.checked_at = now
    template.save(update_fields=["state", "checked_at"])
