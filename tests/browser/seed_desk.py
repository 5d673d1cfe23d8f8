"""What happens around the desk: `python -m tests.browser.seed_desk people|reword|budget|correct`."""

import sys
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.utils import timezone  # noqa: E402

from campaigns.models import Budget, Membership, Partner  # noqa: E402
from cms.models import ChangeKind, MessagePage, TranslationState  # noqa: E402
from config.people import PARTNER, PARTNER_EMAIL  # noqa: E402
from messaging.consenting import consent  # noqa: E402
from messaging.models import ConsentEntry  # noqa: E402
from messaging.numbers import make_fiction  # noqa: E402

COUNTRY, CALLING_CODE, LANGUAGE = "LY", "218", "ar"
# Those that end in 00 to 89 always deliver.
SERIALS = [*range(90), *range(100, 160)]
MESSAGE = "MSG-GEN-1"
WORDS = "Hello. The news you asked for: {link} Reply 1 to read, 0 to stop."


def let_people_join() -> None:
    """Let 150 people in one country ask for the Central Mediterranean, and renew the message.

    Who prepares may approve what others prepared, so that only its being her own stands in her way.
    """
    Membership.objects.create(
        user=User.objects.get(email=PARTNER_EMAIL),
        partner=Partner.objects.get(name=PARTNER),
        role=Membership.Role.APPROVER,
    )
    for serial in SERIALS:
        consent.grant(
            consent.Joining(
                channel="sms",
                number=make_fiction(CALLING_CODE, serial),
                language=LANGUAGE,
                country=COUNTRY,
                topics=("route:cmed",),
                method=ConsentEntry.Method.REHEARSAL,
                wording="test",
            ),
            now=timezone.now(),
        )
    # The starter pack grows stale, as it should.
    _publish(ChangeKind.MINOR, expires=timezone.localdate() + timedelta(days=90))


def reword() -> None:
    """Say the same in other words."""
    _publish(ChangeKind.MINOR, sms_text=WORDS)


def set_budget() -> None:
    """Agree on next to nothing for the people's country."""
    Budget.objects.create(
        partner=Partner.objects.get(name=PARTNER),
        country=COUNTRY,
        month=timezone.localdate().replace(day=1),
        amount=Decimal("0.01"),
    )


def correct() -> None:
    """Put right what the message said."""
    _publish(ChangeKind.MAJOR, sms_text=WORDS.replace("news", "corrected news"))


def _publish(kind: ChangeKind, **changes: object) -> None:
    page = MessagePage.objects.get(key=MESSAGE, translation_state=TranslationState.ORIGINAL)
    page.change_kind = kind
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


if __name__ == "__main__":
    {"people": let_people_join, "reword": reword, "budget": set_budget, "correct": correct}[
        sys.argv[1]
    ]()
