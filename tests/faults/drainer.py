"""A worker that can be killed: `python -m tests.faults.drainer` drains until nothing is due.

It claims beside others on purpose, without the lease that keeps a sender to one drainer: what
prevents a double must be the claim alone.
"""

import os
import uuid

import django
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from messaging.dispatch import drain  # noqa: E402
from messaging.models import Sender  # noqa: E402
from messaging.senders import provider_named  # noqa: E402


def main() -> None:
    """Drain every sender until nothing is due."""
    owner = uuid.uuid4().hex[:16]
    busy = True
    while busy:
        busy = False
        for sender in Sender.objects.filter(active=True):
            provider = provider_named(sender.provider)
            step = drain(sender, owner, provider=provider, now=timezone.now())
            busy = busy or step.claimed > 0


if __name__ == "__main__":
    main()
