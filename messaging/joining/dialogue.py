"""The dialogue of joining by message: a word, a language by number, the words to agree to, a yes.

Nobody becomes a subscriber here but by her own yes, from her own phone, to words she was shown. The
state is one sign-up row; the texts are in `messaging.notifying.telling`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation

from locales.folding import fold
from locales.keywords import is_no, is_yes
from locales.languages import LANGUAGES, READER_LANGUAGES
from messaging import numbers
from messaging.consenting import clearances, consent, wordings
from messaging.guarding import limits
from messaging.joining import signups
from messaging.models import ConsentEntry, Notice, SignUp, Subscriber
from messaging.models.subscribers import Purpose
from messaging.notifying import notices, telling
from messaging.notifying.confirming import reader_language
from messaging.sealing import crypto
from messaging.wire import SMS, Inbound

_MOST_BEGUN, _MOST_REPEATS = 3, 5
# By as much one clock may be behind another; the provider's also tells whole seconds only.
_CLOCKS = timedelta(minutes=1)
_Step = SignUp.Step


@dataclass(frozen=True, slots=True)
class Invitation:
    """Hold what a word to join by stands for: topics, a country, the languages offered, an end."""

    topics: tuple[str, ...]
    country: str
    languages: tuple[str, ...] = ()
    until: datetime | None = None


def begin(message: Inbound, invitation: Invitation, *, now: datetime) -> str:
    """Begin a dialogue and return its first question.

    Return nothing where that country or the phone's own is not open, to a number that costs whoever
    writes to it, and over a limit.
    """
    try:
        number = numbers.parse_address(message.channel, message.number, fiction=settings.REHEARSAL)
    except numbers.NumberError:
        return ""
    country = numbers.country_of(number) or invitation.country
    if numbers.classify(number) in numbers.COSTLY:
        return ""
    if not all(clearances.is_open(code) for code in {country, invitation.country}):
        return ""
    if not limits.take("dialogue", number, most=_MOST_BEGUN, now=now):
        return ""
    # Whoever has many phones write costs us as much as whoever fills in the form.
    if not signups.take_shared(number, country, now=now):
        return ""
    request = signups.Request(
        channel=message.channel,
        number=number,
        language="",
        country=invitation.country,
        topics=invitation.topics,
        method=method_of(message),
        wording="",
        evidence=message.ref[:80],
        until=invitation.until,
    )
    offered = [code for code in invitation.languages or READER_LANGUAGES if code in LANGUAGES]
    with transaction.atomic():
        uid = signups.write_row(request, number, step=_Step.LANGUAGE, now=now)
        row = SignUp.objects.get(uid=uid)
        row.languages = offered
        row.save(update_fields=["languages"])
        return _show_words(row, offered[0]) if len(offered) == 1 else _ask(row)


def answer(message: Inbound, *, now: datetime) -> str | None:
    """Take an answer to an open sign-up and return what to say; None where it is no answer to it."""
    with transaction.atomic():
        row = _find_open(message, now=now, lock=True)
        if row is None:
            return None
        if row.step == _Step.LANGUAGE:
            chosen = _read_language(row, message.body)
            return _show_words(row, chosen) if chosen else None
        with translation.override(reader_language(row.language)):
            if row.step == _Step.AGREEMENT:
                return _take_agreement(row, message, now=now)
            if is_yes(message.body) or signups.is_code(row, message.body):
                return _make_live(row, message, now=now)
            if is_no(message.body):
                return _decline(row, message, now=now)
    return None


def repeat(message: Inbound, *, now: datetime) -> str | None:
    """Return the question of an open sign-up once more, a few times a day; None without one."""
    row = _find_open(message, now=now)
    if row is None:
        return None
    if not limits.take("repeat", message.number, most=_MOST_REPEATS, now=now):
        return ""
    return _ask(row)


def language_of(message: Inbound, *, now: datetime) -> str:
    """Return the language of an open sign-up, "" where there is none or none is chosen yet."""
    row = _find_open(message, now=now)
    return row.language if row else ""


def _find_open(message: Inbound, *, now: datetime, lock: bool = False) -> SignUp | None:
    rows = SignUp.objects.select_for_update() if lock else SignUp.objects.all()
    # One that was swept up hours later is no answer to what has begun since, perhaps by another hand.
    written_at = (message.written_at or now) + _CLOCKS
    return rows.filter(
        channel=message.channel,
        number_hash__in=crypto.hashes_of(message.number),
        expires_at__gt=now,
        begun_at__lte=written_at,
    ).first()


def _read_language(row: SignUp, text: str) -> str:
    """Return the language that a number, or a language's own name, means; "" for anything else."""
    said = fold(text)
    offered: list[str] = row.languages
    numbered = {str(place): code for place, code in enumerate(offered, start=1)}
    named = {fold(LANGUAGES[code].endonym): code for code in offered if code in LANGUAGES}
    return (numbered | named).get(said, "")


def _show_words(row: SignUp, language: str) -> str:
    """Keep the language and return the words to agree to, whose reference is kept too."""
    wording = wordings.current(Purpose.MESSAGES, language)
    row.language, row.wording, row.step = language, wording.reference, _Step.AGREEMENT
    row.save(update_fields=["language", "wording", "step"])
    with translation.override(reader_language(language)):
        return telling.ask_for_agreement(wording.text)


def _ask(row: SignUp) -> str:
    if row.step == _Step.LANGUAGE:
        return telling.ask_for_language(row.languages)
    with translation.override(reader_language(row.language)):
        if row.step == _Step.CODE:
            return telling.ask_to_confirm()
        return telling.ask_for_agreement(wordings.current(Purpose.MESSAGES, row.language).text)


def _take_agreement(row: SignUp, message: Inbound, *, now: datetime) -> str | None:
    if is_yes(message.body):
        joining = signups.joining_of(row, message.number, evidence=message.ref[:80])
        consent.record_yes(joining, now=now)
        return _make_live(row, message, now=now)
    return _decline(row, message, now=now) if is_no(message.body) else None


def _decline(row: SignUp, message: Inbound, *, now: datetime) -> str:
    """End a sign-up by her no; who has joined already loses nothing by it: STOP does that."""
    hashes = crypto.hashes_of(message.number)
    here = Subscriber.objects.filter(channel=row.channel, number_hash__in=hashes)
    is_here = here.exclude(state=Subscriber.State.STOPPED).exists()
    if not is_here:
        joining = signups.joining_of(row, message.number, evidence=message.ref[:80])
        consent.refuse(joining, now=now)
    row.delete()
    # The code may still wait to be sent.
    notices.drop_planned(hashes, kind=Notice.Kind.CONFIRM, now=now)
    return telling.say_here() if is_here else telling.say_nothing_kept()


def _make_live(row: SignUp, message: Inbound, *, now: datetime) -> str:
    if signups.make_live(row, evidence=message.ref[:80], now=now):
        return telling.say_welcome()
    return telling.say_too_late()


def method_of(message: Inbound) -> str:
    """Return how the ledger calls what is said by a message of its channel."""
    method = ConsentEntry.Method
    return method.KEYWORD if message.channel == SMS else method.WHATSAPP
