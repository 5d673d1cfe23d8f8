"""Let a few fictional people join, in a house of its own: `python -m tests.browser.seed`."""

import django

django.setup()

from django.utils import timezone  # noqa: E402

from messaging.consenting import consent  # noqa: E402
from messaging.models import ConsentEntry  # noqa: E402
from messaging.numbers import make_fiction  # noqa: E402

# Country, calling code, language; two people each, all reached by SMS. 00 to 89 always deliver.
PLACES = (
    ("LY", "218", "ar"),
    ("TN", "216", "fr"),
    ("NE", "227", "ha"),
)
ARAB_PHONE = make_fiction("218", 0)
STOPPING_PHONE = make_fiction("218", 1)


def main() -> None:
    """Let six people ask for the Central Mediterranean."""
    for country, calling_code, language in PLACES:
        for serial in range(2):
            consent.grant(
                consent.Joining(
                    channel="sms",
                    number=make_fiction(calling_code, serial),
                    language=language,
                    country=country,
                    topics=("route:cmed",),
                    method=ConsentEntry.Method.REHEARSAL,
                    wording="test",
                ),
                now=timezone.now(),
            )


if __name__ == "__main__":
    main()
