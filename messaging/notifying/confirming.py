"""The words that ask to confirm: who writes, what for, the code, and how to agree or to stop.

They must be true where they arrive: in most countries of transit an SMS cannot be answered, so a code
goes to a page there, and so does a no. Nothing in them would matter to whoever holds the phone.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from locales.languages import LAST_RESORT, READER_LANGUAGES, choose_language
from messaging.models import CountryRule
from messaging.senders.roster import NoSenderError, choose_sender
from messaging.wire import SMS


def reader_language(asked: str) -> str:
    """Return the language in which words of ours exist that is nearest to the one asked for."""
    return choose_language(asked or LAST_RESORT, READER_LANGUAGES) or LAST_RESORT


def can_reply(channel: str, country: str) -> bool:
    """Say whether a phone of a country can answer what we send on a channel."""
    if channel != SMS:
        return True
    try:
        sender = choose_sender(channel, country)
    except NoSenderError:
        return False
    # What cannot be written to cannot be answered, whatever the country allows.
    rule = CountryRule.objects.filter(country=country).first()
    return sender.two_way and rule is not None and rule.two_way == CountryRule.Answer.YES


def compose_confirmation(code: str, *, channel: str, country: str, language: str) -> str:
    """Return the text that brings a code; within two parts, in the nearest language of ours."""
    spoken = reader_language(language)
    with translation.override(spoken):
        words = {
            "service": settings.SERVICE_NAME,
            "code": code,
            "page": f"{settings.PUBLIC_URL}/{spoken}/join/code/",
            "stop": stop_address(),
        }
        if can_reply(channel, country):
            return (
                _(
                    "%(service)s: you asked for our free information. Code: %(code)s. "
                    "Reply 1 to agree, 0 to stop."
                )
                % words
            )
        return (
            _(
                "%(service)s: you asked for our free information. Code: %(code)s. "
                "Type this code on the page %(page)s To stop: %(stop)s"
            )
            % words
        )


def stop_address() -> str:
    """Return the short address of the stop page."""
    return f"{settings.PUBLIC_URL}/stop"
