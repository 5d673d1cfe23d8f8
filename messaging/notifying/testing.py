"""Testing: a text is tried on the own phone of somebody who works here, once that phone is confirmed.

On WhatsApp as others get it: by its approved wording, or as free text to whoever has written to us within
a day. A test is a notice: it goes to one address, is counted nowhere, and is no delivery of anything. A
rehearsal takes fictional numbers only.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from locales.alphabets import count_parts
from messaging import numbers
from messaging.consenting import clearances
from messaging.guarding import limits
from messaging.models import Notice, Subscriber, Suppression, TestPhone
from messaging.notifying import notices
from messaging.notifying.templates import find_service_wording, find_unsendable
from messaging.sealing import crypto
from messaging.wire import SMS, WHATSAPP

NUMBER_PLACE = "test_phone.number"
_CODE_LABEL = "test_phone.code"
_CODE_LASTS = timedelta(minutes=15)
_TEST_LASTS = timedelta(minutes=30)
_MOST_TRIES = 5
_CODES_A_DAY, _TESTS_A_DAY = 5, 20


@dataclass(frozen=True, slots=True)
class _Said:
    """Hold a text, by which wording it goes where it needs one, and what fills that."""

    body: str = field(repr=False)
    wording: str = ""
    gap: str = field(default="", repr=False)


class TestingError(Exception):
    """Say why a phone cannot be used for tests, and what to do."""

    __test__ = False


def find_phone(owner: str, *, channel: str = SMS) -> TestPhone | None:
    """Return somebody's phone on a channel, confirmed or not."""
    return TestPhone.objects.filter(owner=owner, channel=channel).first()


def register(owner: str, typed: str, *, channel: str = SMS, now: datetime) -> TestPhone:
    """Keep somebody's phone in the place of the one she had on a channel, and send a code there."""
    number = _read(typed)
    country = numbers.country_of(number)
    if not country or clearances.find_closed([country]):
        raise TestingError(_("Nothing may be sent to this country at the moment."))
    wording = _find_code_wording(channel)
    address = f"{channel}|{number}"
    free = limits.take("test_phone", owner, most=_CODES_A_DAY, now=now) and limits.take(
        "test_number", address, most=_CODES_A_DAY, now=now
    )
    if not free:
        raise TestingError(_("Too many codes today. Try again tomorrow."))
    # After the limits: nobody goes through numbers to learn whose are on the stop list.
    _refuse_stopped(number)
    code = f"{secrets.randbelow(1_000_000):06d}"
    phone = TestPhone(owner=owner, channel=channel, country=country, made_at=now)
    phone.number_sealed = crypto.seal(number, place=NUMBER_PLACE, row=phone.uid)
    phone.key_id = crypto.key_id_of(phone.number_sealed)
    phone.code_hash = crypto.keyed_hash(_CODE_LABEL, f"{phone.uid}|{code}")
    phone.code_until = now + _CODE_LASTS
    with transaction.atomic():
        TestPhone.objects.filter(owner=owner, channel=channel).delete()
        phone.save(force_insert=True)
        body = _("%(code)s is your code for the desk.") % {"code": code}
        _queue(phone, number, _Said(body, wording, gap=code), now=now)
    return phone


def confirm(owner: str, typed: str, *, channel: str = SMS, now: datetime) -> None:
    """Take a code that came back; raise `TestingError` for a wrong, old or often tried one."""
    # Not in the same breath: a wrong try has to stay counted.
    with transaction.atomic():
        rows = TestPhone.objects.select_for_update().filter(owner=owner, channel=channel)
        phone = rows.filter(confirmed_at__isnull=True).first()
        if phone is None:
            return
        is_open = phone.tries < _MOST_TRIES and phone.code_until and phone.code_until > now
        is_right = bool(is_open) and _is_code(phone, typed)
        phone.tries += 1
        if is_right:
            phone.confirmed_at, phone.code_hash = now, b""
        phone.save(update_fields=["tries", "confirmed_at", "code_hash"])
    if not is_open:
        raise TestingError(_("This code is too old, or was tried too often. Ask for a new one."))
    if not is_right:
        raise TestingError(_("This is not the code. Try again."))


def send_test(
    owner: str, body: str, *, channel: str = SMS, template: str = "", now: datetime
) -> None:
    """Send one text to somebody's own phone, as others would get it: on WhatsApp by its template."""
    phone = find_phone(owner, channel=channel)
    if phone is None or phone.confirmed_at is None:
        raise TestingError(_("Register your own phone first, and confirm it by its code."))
    number = crypto.open_sealed(bytes(phone.number_sealed), place=NUMBER_PLACE, row=phone.uid)
    _refuse_stopped(number)
    if clearances.find_closed([phone.country]):
        raise TestingError(_("Nothing may be sent to this country at the moment."))
    wording = _find_wording(channel, template, number, now=now)
    if not limits.take("test", owner, most=_TESTS_A_DAY, now=now):
        raise TestingError(_("Too many tests today. Try again tomorrow."))
    _queue(phone, number, _Said(body, wording), now=now)
    TestPhone.objects.filter(pk=phone.pk).update(tested_at=now)


def forget(owner: str, *, channel: str = SMS) -> None:
    """Forget somebody's phone on a channel."""
    TestPhone.objects.filter(owner=owner, channel=channel).delete()


def _read(typed: str) -> str:
    try:
        number = numbers.parse_address(SMS, typed, fiction=settings.REHEARSAL)
    except numbers.NumberError as error:
        raise TestingError(str(error)) from error
    if numbers.classify(number) in numbers.REFUSED:
        raise TestingError(_("This is not the number of a mobile phone."))
    return number


def _refuse_stopped(number: str) -> None:
    if Suppression.objects.filter(number_hash__in=crypto.hashes_of(number)).exists():
        raise TestingError(_("This phone gets nothing from us: somebody sent STOP from it."))


def _is_code(phone: TestPhone, typed: str) -> bool:
    known = bytes(phone.code_hash)
    found = crypto.keyed_hashes(_CODE_LABEL, f"{phone.uid}|{typed.strip()}")
    return sum(hmac.compare_digest(known, one) for one in found) > 0


def _find_code_wording(channel: str) -> str:
    """Return by which wording a code goes on a channel: by the one that brings codes to those who join."""
    if channel == SMS:
        return ""
    wording = find_service_wording(Notice.Kind.CONFIRM, get_language() or "")
    if wording is None:
        words = _(
            "WhatsApp has approved no wording for codes yet. Ask a programme lead, or use SMS."
        )
        raise TestingError(words)
    return wording


def _find_wording(channel: str, template: str, number: str, *, now: datetime) -> str:
    """Return by which wording a test goes; free text to whoever has written within a day."""
    if channel == SMS or _has_window(number, now=now):
        return ""
    if not template or find_unsendable([template]):
        raise TestingError(_("WhatsApp does not let us send this wording now. Ask it again later."))
    return template


def _has_window(number: str, *, now: datetime) -> bool:
    hers = Subscriber.objects.filter(channel=WHATSAPP, number_hash__in=crypto.hashes_of(number))
    return hers.filter(window_until__gt=now).exists()


def _queue(phone: TestPhone, number: str, said: _Said, *, now: datetime) -> None:
    notices.queue(
        notices.Letter(
            kind=Notice.Kind.TEST,
            channel=phone.channel,
            number=number,
            country=phone.country,
            language="",
            body=said.body,
            gap=said.gap,
            template=said.wording,
            parts=count_parts(said.body).parts if phone.channel == SMS else 1,
            due_at=now,
            expires_at=now + _TEST_LASTS,
        )
    )
