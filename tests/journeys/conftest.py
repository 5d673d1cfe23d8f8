"""What journeys share: a provider whose way in is Twilio's own, and whose way out stays here."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from twilio.request_validator import RequestValidator

from messaging.providers import registry
from messaging.providers.memory import Memory
from messaging.providers.twilio import Twilio
from messaging.senders import roster
from messaging.wire import Accepted, Found, Outgoing, TemplateWord

FORM = "application/x-www-form-urlencoded"


class Wire(Twilio):
    """Read callbacks as Twilio's adapter does; keep in a list what would go out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.memory = Memory()

    async def send(self, outgoing: Outgoing) -> Accepted:
        return await self.memory.send(outgoing)

    def list_sent(self, to: str, *, channel: str, since: datetime | None = None) -> list[Found]:
        return self.memory.list_sent(to, channel=channel)

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        return self.memory.register_template(
            name=name, language=language, category=category, body=body
        )

    def read_template(self, ref: str) -> TemplateWord:
        return self.memory.read_template(ref)

    def call_back(self, url: str, **form: str) -> Any:
        """Call one of our webhooks as Twilio does, signed, and return the answer."""
        signature = RequestValidator(settings.TWILIO_AUTH_TOKENS[0]).compute_signature(url, form)
        return Client().post(
            urlsplit(url).path,
            urlencode(form),
            content_type=FORM,
            headers={"X-Twilio-Signature": signature},
        )


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """Let the whole house speak to this provider instead of Twilio."""
    monkeypatch.setattr(registry, "Twilio", Wire)
    roster.provider_named.cache_clear()
    made = roster.provider_named("twilio")
    assert isinstance(made, Wire)
    yield made
    roster.provider_named.cache_clear()
