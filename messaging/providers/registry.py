"""The registry: what each provider is called, and how it is made from the settings.

A rehearsal makes only what stays on this machine.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from messaging.providers import aws_sms, aws_sns, aws_whatsapp
from messaging.providers.aws_signing import AccessKeys, Place, Service, find_keys
from messaging.providers.aws_sms import AwsSms, Ways
from messaging.providers.aws_sns import AwsSns
from messaging.providers.aws_whatsapp import Account, AwsWhatsApp
from messaging.providers.base import Provider
from messaging.providers.sns import Topics
from messaging.providers.twilio import Twilio

# Django's settings, or anything with the same names.
Settings = Any
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_keys: dict[bool, AccessKeys] = {}


def make_twilio(settings: Settings) -> Twilio:
    """Return Twilio's adapter."""
    made = Twilio(
        account=settings.TWILIO_ACCOUNT_SID,
        tokens=tuple(settings.TWILIO_AUTH_TOKENS),
        url=settings.TWILIO_URL,
        content_url=settings.TWILIO_CONTENT_URL,
    )
    made.trust(settings.TWILIO_SHARED_KEYS)
    return made


def make_aws_sms(settings: Settings) -> AwsSms:
    """Return the adapter of AWS End User Messaging SMS."""
    ways = Ways(
        configuration_set=settings.AWS_CONFIGURATION_SET,
        message_type=settings.AWS_MESSAGE_TYPE,
        opt_out_list=settings.AWS_OPT_OUT_LIST,
    )
    return AwsSms(_open_service(aws_sms.NAME, settings.AWS_SMS_URL, settings), ways)


def make_aws_whatsapp(settings: Settings) -> AwsWhatsApp:
    """Return the adapter of AWS End User Messaging Social."""
    service = _open_service(aws_whatsapp.NAME, settings.AWS_SOCIAL_URL, settings)
    account = Account(settings.AWS_WHATSAPP_ACCOUNT, settings.AWS_META_VERSION)
    return AwsWhatsApp(service, account)


def make_aws_sns(settings: Settings) -> AwsSns:
    """Return the adapter of SNS, the plain fallback."""
    service = _open_service(aws_sns.NAME, settings.AWS_SNS_URL, settings)
    return AwsSns(service, settings.AWS_MESSAGE_TYPE)


FACTORIES: dict[str, Callable[[Settings], Provider]] = {
    "twilio": make_twilio,
    "aws-sms": make_aws_sms,
    "aws-whatsapp": make_aws_whatsapp,
    "aws-sns": make_aws_sns,
}


def make_provider(name: str, settings: Settings) -> Provider:
    """Return the adapter called `name`; raise LookupError where there is none, or it is not set up."""
    factory = FACTORIES.get(name)
    if factory is None:
        raise LookupError(f"No provider is called {name!r}.")
    return factory(settings)


def make_topics(settings: Settings) -> Topics:
    """Return what opens the messages of our SNS topics; without topics it opens none."""
    # Where there is nobody to ask, a name that no address has keeps it from asking Amazon.
    local = (settings.AWS_SNS_URL or "http://nowhere.invalid") if settings.REHEARSAL else ""
    return Topics(settings.AWS_TOPICS, local=local)


def _open_service(name: str, url: str, settings: Settings) -> Service:
    if not settings.AWS_REGION:
        raise LookupError("AWS is not set up: WAYMARK_AWS_REGION names no region.")
    if settings.REHEARSAL and urlsplit(url).hostname not in _LOOPBACK:
        raise LookupError("A rehearsal reaches no host but this one: WAYMARK_AWS_…_URL names none.")
    return Service(name, Place(settings.AWS_REGION, url), _find_keys(alone=settings.REHEARSAL))


def _find_keys(*, alone: bool) -> AccessKeys:
    # One for all services: they are asked for once, and renewed once.
    return _keys.setdefault(alone, find_keys(alone=alone))
