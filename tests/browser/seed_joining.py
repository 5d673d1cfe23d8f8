"""Let one fictional person be subscribed, in a house of its own: `python -m tests.browser.seed_joining`."""

import django

django.setup()

from django.utils import timezone  # noqa: E402

from messaging.consenting import consent  # noqa: E402
from messaging.models import ConsentEntry  # noqa: E402
from messaging.numbers import make_fiction  # noqa: E402

# The sandbox reads the last two digits: these always deliver.
WEB_PHONE, ASSISTED_PHONE, STOPPING_PHONE = (make_fiction("221", 7_000_000 + n) for n in (1, 2, 3))


def main() -> None:
    """Let one person in Senegal have asked for the Central Mediterranean."""
    consent.grant(
        consent.Joining(
            channel="sms",
            number=STOPPING_PHONE,
            language="en",
            country="SN",
            topics=("route:cmed",),
            method=ConsentEntry.Method.REHEARSAL,
            wording="test",
        ),
        now=timezone.now(),
    )


if __name__ == "__main__":
    main()
