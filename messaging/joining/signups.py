"""Sign-ups: a yes that waits for its proof. Only the code, or a yes from that very phone, makes it live.

From outside every beginning looks the same, whether the number is new, here already, on the stop list,
over a limit or in a country that is not open: nobody learns from it who is a subscriber.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from locales.alphabets import count_parts
from locales.folding import fold
from messaging import numbers
from messaging.consenting import clearances, consent, identities
from messaging.guarding import limits, watching
from messaging.models import Alarm, ConsentEntry, Notice, SignUp, Suppression
from messaging.notifying import notices
from messaging.notifying.confirming import compose_confirmation
from messaging.notifying.quiet import find_waking
from messaging.sealing import crypto

NUMBER_PLACE = "signup.number"
LASTS = timedelta(hours=48)
MOST_TRIES = 5
_NOTICE_LASTS = timedelta(hours=24)
_MONTH_DAYS = 30
_CODE_LABEL = "signup.code"
Method = ConsentEntry.Method


class TooManyError(Exception):
    """Say that as many have begun today as may in one range of numbers, in one country or in all."""


class NotAskedError(Exception):
    """Say to whoever takes a list that no code may go to somebody now: her line waits."""


@dataclass(frozen=True, slots=True)
class Request(consent.Joining):
    """Hold what somebody asked for; `network` is the prefix of an IP address, on the web only."""

    network: str = field(default="", repr=False)


def begin(request: Request, *, now: datetime) -> uuid.UUID:
    """Send a code to the phone, where that is allowed, and return the id to confirm it under.

    Raise `NumberError` for what is no number; to a helper, who can come again, `TooManyError`, and to
    a list `NotAskedError`. Everything else looks the same from outside.
    """
    number = numbers.parse_address(request.channel, request.number, fiction=settings.REHEARSAL)
    if not _may_send(request, number, now=now):
        if request.method == Method.IMPORT:
            raise NotAskedError
        return _find_or_invent(request.channel, number, now=now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        uid = write_row(request, number, step=SignUp.Step.CODE, code=code, now=now)
        # From here on a STOP waits for us, and then ends the message that is to bring the code.
        identities.lock(crypto.hashes_of(number))
        consent.record_yes(replace(request, number=number), now=now)
        _queue_code(request, number, code, now=now)
    return uid


def confirm_by_code(uid: uuid.UUID, code: str, *, now: datetime) -> bool:
    """Make a sign-up live by its code and say whether it is; five tries, then only a reply helps."""
    typed = _read_digits(code)
    with transaction.atomic():
        row = (
            SignUp.objects.select_for_update()
            .filter(uid=uid, step=SignUp.Step.CODE, expires_at__gt=now)
            .first()
        )
        if row is None:
            _is_code(SignUp(uid=uid), typed)
            return False
        if row.tries >= MOST_TRIES or not _is_code(row, typed):
            SignUp.objects.filter(pk=row.pk).update(tries=min(row.tries + 1, MOST_TRIES))
            return False
        return make_live(row, evidence="code", now=now)


def confirm_by_number(channel: str, number: str, code: str, *, now: datetime) -> bool:
    """Make a sign-up live by number and code, for who comes to the page anew; raise `NumberError`."""
    address = numbers.parse_address(channel, number, fiction=settings.REHEARSAL)
    return confirm_by_code(_find_or_invent(channel, address, now=now), code, now=now)


def is_code(row: SignUp, text: str) -> bool:
    """Say whether a text is the code of an open sign-up; a wrong one counts as a try."""
    if row.step != SignUp.Step.CODE or row.tries >= MOST_TRIES:
        return False
    typed = _read_digits(text)
    if len(typed) == 6 and not _is_code(row, typed):
        SignUp.objects.filter(pk=row.pk).update(tries=row.tries + 1)
        return False
    return _is_code(row, typed)


def make_live(row: SignUp, *, evidence: str, now: datetime) -> bool:
    """Confirm a locked sign-up and remove it; say False where she has said stop since it began."""
    number = crypto.open_sealed(bytes(row.number_sealed), place=NUMBER_PLACE, row=row.uid)
    joining = joining_of(row, number, evidence=evidence)
    try:
        consent.confirm(joining, begun_at=row.begun_at, now=now)
        is_live = True
    except consent.SuppressedError:
        is_live = False
    SignUp.objects.filter(pk=row.pk).delete()
    notices.drop_planned(crypto.hashes_of(number), kind=Notice.Kind.CONFIRM, now=now)
    return is_live


def write_row(
    request: Request, number: str, *, step: str, now: datetime, code: str = ""
) -> uuid.UUID:
    """Write the one open sign-up of an address, in place of an earlier one; return its id."""
    uid, active = uuid.uuid4(), crypto.hash_number(number)
    sealed = crypto.seal(number, place=NUMBER_PLACE, row=uid)
    others = set(crypto.hashes_of(number)) - {active}
    SignUp.objects.filter(channel=request.channel, number_hash__in=others).delete()
    SignUp.objects.update_or_create(
        channel=request.channel,
        number_hash=active,
        defaults={
            "uid": uid,
            "number_sealed": sealed,
            "key_id": crypto.key_id_of(sealed),
            "language": request.language,
            "languages": [],
            "country": request.country,
            "topics": list(request.topics),
            "purposes": list(request.purposes),
            "method": request.method,
            "wording": request.wording,
            "evidence": request.evidence,
            "until": request.until,
            "step": step,
            "code_hash": _hash_code(uid, code) if code else b"",
            "tries": 0,
            "begun_at": now,
            "expires_at": now + LASTS,
        },
    )
    # A code that still waits belongs to what was there before.
    notices.drop_planned((active, *others), kind=Notice.Kind.CONFIRM, now=now)
    return uid


def joining_of(row: SignUp, number: str, *, evidence: str) -> consent.Joining:
    """Return a sign-up as consent takes it."""
    return consent.Joining(
        channel=row.channel,
        number=number,
        language=row.language,
        country=row.country,
        topics=tuple(row.topics),
        method=row.method,
        wording=row.wording,
        purposes=tuple(row.purposes),
        evidence=evidence,
        until=row.until,
    )


def must_write_first(channel: str, language: str) -> bool:
    """Say whether a code cannot be sent on a channel, so that she has to write to us first."""
    return not notices.can_push(channel, Notice.Kind.CONFIRM, language)


def _may_send(request: Request, number: str, *, now: datetime) -> bool:
    country = numbers.country_of(number) or request.country
    if numbers.classify(number) in numbers.REFUSED:
        return False
    if not all(clearances.is_open(code) for code in {country, request.country}):
        return False
    return _take_all(request, number, country, now=now)


def _take_all(request: Request, number: str, country: str, *, now: datetime) -> bool:
    """Take one of every limit that holds for a request, the narrowest first."""
    most = settings.SIGN_UP_LIMITS
    if request.network and not _take("network", request.network, most["network_day"], now):
        return _sound(country, now=now)
    address = f"{request.channel}|{number}"
    stopped = Suppression.objects.filter(number_hash__in=crypto.hashes_of(number)).exists()
    # She may want to come back; somebody else may want to trouble her.
    a_day = min(1, most["address_day"]) if stopped else most["address_day"]
    if not _take("address", address, a_day, now):
        return False
    month = limits.count_used("address", [address], days=_MONTH_DAYS, now=now)
    if month > most["address_month"]:
        return False
    if request.method == Method.IMPORT:
        # A sheet has a cap of its own and a second person who said yes to it.
        return True
    is_free = take_shared(number, country, now=now)
    if not is_free and request.method == Method.ASSISTED:
        raise TooManyError
    return is_free


def take_shared(number: str, country: str, *, now: datetime) -> bool:
    """Take one of what a range of numbers, its country and all have together; say whether there was one."""
    most = settings.SIGN_UP_LIMITS
    return (
        _take("range", numbers.prefix_of(number), most["range_day"], now)
        and _take("country", country, most["country_day"], now)
        and _take("all", "", most["all_day"], now)
    ) or _sound(country, now=now)


def _take(scope: str, text: str, most: int, now: datetime) -> bool:
    return limits.take(scope, text, most=most, now=now)


def _sound(country: str, *, now: datetime) -> bool:
    watching.raise_alarm(Alarm.Kind.MANY_SIGN_UPS, country=country, now=now)
    return False


def _queue_code(request: Request, number: str, code: str, *, now: datetime) -> None:
    country = numbers.country_of(number) or request.country
    body = compose_confirmation(
        code, channel=request.channel, country=country, language=request.language
    )
    # She waits for a code she asked for; who stands on a sheet sleeps.
    due = find_waking(request.country, now) if request.method == Method.IMPORT else now
    notices.queue(
        notices.Letter(
            kind=Notice.Kind.CONFIRM,
            channel=request.channel,
            number=number,
            country=country,
            language=request.language,
            body=body,
            gap=code,
            parts=count_parts(body).parts,
            due_at=due,
            expires_at=due + _NOTICE_LASTS,
        )
    )


def _find_or_invent(channel: str, number: str, *, now: datetime) -> uuid.UUID:
    """Return the id of the open sign-up of an address, or one that stands for nothing."""
    found = SignUp.objects.filter(
        channel=channel,
        number_hash__in=crypto.hashes_of(number),
        step=SignUp.Step.CODE,
        expires_at__gt=now,
    )
    return found.values_list("uid", flat=True).first() or uuid.uuid4()


def _read_digits(text: str) -> str:
    return "".join(char for char in fold(text[:60]) if char.isascii() and char.isdigit())


def _is_code(row: SignUp, typed: str) -> bool:
    known = bytes(row.code_hash)
    found = crypto.keyed_hashes(_CODE_LABEL, f"{row.uid}|{typed}")
    # Every comparison is made, so that time tells nothing.
    same = sum(hmac.compare_digest(known, one) for one in found)
    return bool(known) and same > 0


def _hash_code(uid: uuid.UUID, code: str) -> bytes:
    return crypto.keyed_hash(_CODE_LABEL, f"{uid}|{code}")
