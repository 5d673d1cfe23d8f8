"""A worker of `benchmarks.dispatch`: it sends until nothing is due."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from benchmarks.dispatch_parts import report, wait_for_start  # noqa: E402
from messaging.models import Sender  # noqa: E402
from messaging.work import send_due  # noqa: E402

LONGEST = 600


def main() -> None:
    """Send what is due and say what it took."""
    # The connection is made before the start.
    assert Sender.objects.exists()
    began = wait_for_start()
    send_due(clock=timezone.now, seconds=LONGEST)
    report(began)


if __name__ == "__main__":
    main()
