"""What we are measured against: a Celery task for each person, which asks Twilio's client and saves a row.

No claim, no lock, no record of an attempt, no second look at consent: it is what one writes first.
`celery -A benchmarks.naive worker`, with BENCH_PROVIDER naming a provider on loopback.
"""

import os
from typing import Any

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from twilio.http.http_client import TwilioHttpClient  # noqa: E402
from twilio.rest import Client  # noqa: E402

from messaging.consenting.consent import open_number  # noqa: E402
from messaging.models import Delivery  # noqa: E402

REAL = "https://api.twilio.com"

app = Celery("naive", broker=os.environ.get("BENCH_BROKER", ""))
app.conf.task_ignore_result = True


class _Here(TwilioHttpClient):
    """Speak to loopback; the client's own address cannot be set."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(
            method, url.replace(REAL, os.environ["BENCH_PROVIDER"]), *args, **kwargs
        )


client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKENS[0], http_client=_Here())


@app.task(name="naive.send")
def send(pk: int) -> None:
    """Send one message and save that it was sent."""
    row = Delivery.objects.select_related("subscriber", "text", "sender").get(pk=pk)
    person = row.subscriber
    sent = client.messages.create(
        to=open_number(person.uid, bytes(person.number_sealed), purpose="sending"),
        from_=row.sender.address,
        body=row.text.body,
        status_callback=f"{settings.PUBLIC_URL}/hooks/twilio/status/{row.pk}/",
    )
    row.state, row.rank, row.provider_ref = "accepted", 40, sent.sid or ""
    row.save()
