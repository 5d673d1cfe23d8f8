"""`manage.py check`: what a sender of AWS needs and has not."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from messaging.models import Sender

pytestmark = pytest.mark.django_db


def found() -> set[str]:
    checked = run_checks(databases=["default"])
    return {str(one.id) for one in checked if "WAYMARK_AWS" in one.msg}


def use(provider: str, **more: bool) -> None:
    Sender.objects.create(name=provider, channel="sms", provider=provider, address="x", **more)


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        ("aws-sms", {"waymark.W004", "waymark.W005", "waymark.W006"}),
        ("aws-whatsapp", {"waymark.W004", "waymark.W006", "waymark.W007"}),
        ("aws-sns", {"waymark.W004"}),
        ("twilio", set()),
    ],
)
def test_sender_of_aws_is_missed_what_it_has_not(provider: str, missing: set[str]) -> None:
    use(provider)

    assert found() == missing


def test_sender_that_is_not_active_needs_nothing() -> None:
    use("aws-sms", active=False)

    assert found() == set()


def test_with_everything_set_nothing_is_said(settings: Settings) -> None:
    use("aws-sms")
    use("aws-whatsapp")
    settings.AWS_REGION, settings.AWS_TOPICS = "eu-west-1", ["arn"]
    settings.AWS_CONFIGURATION_SET, settings.AWS_WHATSAPP_ACCOUNT = "receipts", "waba-1"

    assert found() == set()
