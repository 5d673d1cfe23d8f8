"""What we say of ourselves and of her: after a STOP, to a HELP, to "what do you know about me?".

Texts only; the language is the one that is active. They promise nothing that is not so.
"""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from locales.countries import COUNTRIES, country_name
from locales.languages import LANGUAGES
from messaging.models import ConsentEntry, SignUp, Subscriber
from messaging.models.subscribers import Channel, Purpose
from messaging.notifying.confirming import stop_address


def say_stopped() -> str:
    """Return the one confirmation of a STOP."""
    return _(
        "You will get no more messages from us. Your number is on our stop list. "
        "To come back, write START."
    )


def say_here() -> str:
    """Return what a subscriber hears who writes START."""
    return _("You already get these messages. Reply 0 to stop them.")


def say_how_to_join() -> str:
    """Return what somebody hears who writes START where no word is known to join by."""
    return _("This is a free information service. To join, use the page %(page)s") % {
        "page": _page("join")
    }


def say_who_we_are() -> str:
    """Return the answer to HELP; honest that nobody here can come to anybody's rescue."""
    return _(
        "%(service)s: free information for people who asked for it. We cannot rescue anyone; in "
        "danger, call the emergency number where you are. Contacts: %(page)s To leave: 0 or "
        "%(stop)s To see what we keep: MY DATA"
    ) % {"service": settings.SERVICE_NAME, "page": _page("help"), "stop": stop_address()}


def say_welcome() -> str:
    """Return what she hears once her yes is proven."""
    return _(
        "You have joined. It is free. Reply 3 for help, 0 to stop, MY DATA to see what we keep."
    )


def say_staying() -> str:
    """Return what she hears who was asked whether to go on and said yes."""
    return _("Thank you. You go on getting these messages. Reply 0 to stop them.")


def say_too_late() -> str:
    """Return what she hears whose sign-up was ended by a stop."""
    return _("Your number is on our stop list. To begin anew, write START.")


def say_nothing_kept() -> str:
    """Return what she hears who said no to the words shown."""
    return _("All right. You have not joined, and your number is not kept.")


def ask_to_confirm() -> str:
    """Return the question that waits for a yes or the code."""
    return _("Reply 1 to agree, 0 to stop.")


def ask_for_agreement(wording: str) -> str:
    """Return the words to agree to, and how."""
    how = _("1 yes, 0 no")
    return f"{wording}\n{how}"


def ask_for_language(languages: Sequence[str]) -> str:
    """Return the languages by number, each in its own name: no other word is needed."""
    names = [LANGUAGES[code].endonym if code in LANGUAGES else code for code in languages]
    return "\n".join(f"{number} {name}" for number, name in enumerate(names, start=1))


def tell_stranger(hashes: Collection[bytes], *, is_stopped: bool) -> str:
    """Return what is kept of somebody who is no subscriber, under whatever she may be known."""
    if is_stopped:
        return _(
            "We keep only a scrambled mark of your number: on our stop list, so that nobody can "
            "sign it up against your will, and with what you said yes or no to. "
            "The number itself is not kept."
        )
    known = [model.objects.filter(number_hash__in=hashes) for model in (ConsentEntry, SignUp)]
    if any(rows.exists() for rows in known):
        return (
            _(
                "You have not joined. We keep a scrambled mark of your number with what you said "
                "yes or no to. A sign-up that you began, and this message, are deleted: the one "
                "after two days, the other after %s days."
            )
            % settings.RETENTION["inbound_texts"]
        )
    return (
        _("We keep nothing about you. This message of yours is deleted after %s days.")
        % (settings.RETENTION["inbound_texts"])
    )


def tell_kept(subscriber: Subscriber, hashes: Collection[bytes]) -> str:
    """Return all that is kept of a subscriber, for how long, and how to leave.

    `hashes` are all that she may be known under: the ledger keeps the ones it was written with.
    """
    language = get_language() or settings.LANGUAGE_CODE
    name_topics = import_string(settings.MESSAGING_TOPIC_NAMES)
    topics = name_topics(sorted(subscriber.topics.values_list("name", flat=True)), language)
    known = LANGUAGES.get(subscriber.language)
    has_country = subscriber.country in COUNTRIES
    lines = (
        _("Channel: %s") % Channel(subscriber.channel).label,
        _("Language: %s") % (known.endonym if known else subscriber.language),
        _("Country: %s")
        % (country_name(subscriber.country, language) if has_country else subscriber.country),
        _("Topics: %s") % (", ".join(topics) or "–"),
        _("You agreed to: %s") % ", ".join(_name_purposes(subscriber)),
        _("Since: %s") % _tell_beginning(subscriber, hashes),
        _("We also keep your number, locked away, and the texts you write, for %s days.")
        % settings.RETENTION["inbound_texts"],
        _("All of it is deleted when you leave, or after %s silent days. To leave: 0")
        % settings.RETENTION["silence"],
    )
    return "\n".join(lines)


def _tell_beginning(subscriber: Subscriber, hashes: Collection[bytes]) -> str:
    day = date_format(subscriber.joined_at, "DATE_FORMAT")
    entry = (
        ConsentEntry.objects.filter(
            number_hash__in=hashes,
            channel=subscriber.channel,
            verdict=ConsentEntry.Verdict.CONFIRMED,
        )
        .order_by("-pk")
        .first()
    )
    return f"{day} ({entry.get_method_display()})" if entry else day


def _name_purposes(subscriber: Subscriber) -> list[str]:
    held = {
        Purpose.MESSAGES: subscriber.messages,
        Purpose.SURVEY: subscriber.survey,
        Purpose.URGENT: subscriber.urgent,
    }
    return [str(purpose.label) for purpose, is_live in held.items() if is_live] or ["–"]


def _page(name: str) -> str:
    return f"{settings.PUBLIC_URL}/{get_language() or settings.LANGUAGE_CODE}/{name}/"
