"""Addresses: phone numbers in E.164, and the user ids of WhatsApp. The only importer of `phonenumbers`.

Fictional numbers of a rehearsal start with +999, a country code that the ITU has assigned to nobody
(ITU-T E.164, list of country codes); after it stand a real calling code and a serial number, so that
+999 221 0000042 plays a number of Senegal and can ring nowhere. A serial that starts with 8 plays a
fixed line, with 9 one that costs extra. A fictional user id starts with `ZZ.`, a code of no country.

No error repeats what was given.
"""

import re
import unicodedata
from enum import StrEnum

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberType

FICTION = "+999"
FICTION_ID = "ZZ."
WHATSAPP = "whatsapp"
_SHORTEST_FICTION, _LONGEST = 9, 16
_LONGEST_TEXT = 60
_SERIAL = 7
# A block of ten thousand numbers is what is rented out to whoever earns by messages that never arrive.
_BLOCK = 4

# Meta's user id: a country, a full stop, up to 128 letters and digits (providers' documentation, 2026).
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
# What people put between digits; the signs of direction come with a number copied from a chat.
_BETWEEN = re.compile(
    "[\\s()./\\-\u00ad\u2010-\u2015\u2212\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
# Mexico gave up the 1 before its mobile numbers in 2019; WhatsApp still writes it, and it is one phone.
_OLD_MEXICAN = re.compile(r"\+521(?=\d{10}$)")
_PLUS = str.maketrans({"\uff0b": "+", "\ufe62": "+"})


class NumberError(ValueError):
    """Say that a text is no number one can send to; never repeats the text."""


class NoCountryCode(NumberError):
    """Say that a number may be right at home, but does not say in which country that is."""


class NumberKind(StrEnum):
    """Name what a number is, by the numbering plan of its country."""

    MOBILE = "mobile"
    EITHER = "either"  # mobile or fixed line: a plan that keeps them in the same ranges
    FIXED_LINE = "fixed_line"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    TOLL_FREE = "toll_free"
    SATELLITE = "satellite"
    VOIP = "voip"
    PAGER = "pager"
    UAN = "uan"
    PERSONAL = "personal"
    USER_ID = "user_id"
    UNKNOWN = "unknown"


# To these nobody is let join: they cost whoever sends to them, or no phone in a hand has them.
COSTLY = frozenset(
    {
        NumberKind.PREMIUM,
        NumberKind.SHARED_COST,
        NumberKind.SATELLITE,
        NumberKind.UAN,
        NumberKind.PERSONAL,
    }
)
REFUSED = COSTLY | {
    NumberKind.FIXED_LINE,
    NumberKind.TOLL_FREE,
    NumberKind.VOIP,
    NumberKind.PAGER,
}

_KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.EITHER,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED_LINE,
    PhoneNumberType.VOICEMAIL: NumberKind.FIXED_LINE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.UAN,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
}
# What belongs to no country, whatever comes after the code (ITU-T E.164, list of country codes).
_KINDS_BY_CODE = {
    800: NumberKind.TOLL_FREE,
    808: NumberKind.SHARED_COST,
    870: NumberKind.SATELLITE,
    878: NumberKind.PERSONAL,
    881: NumberKind.SATELLITE,
    882: NumberKind.SATELLITE,
    883: NumberKind.SATELLITE,
    979: NumberKind.PREMIUM,
}


def parse_address(channel: str, text: str, *, fiction: bool) -> str:
    """Return an address of a channel: E.164, or on WhatsApp a user id `CC.…` as it is.

    Raise `NumberError` for all else, and for fiction where it is none, or none where it is.
    """
    if channel == WHATSAPP and _USER_ID.fullmatch(text.strip()):
        return _check_user_id(text.strip(), fiction=fiction)
    return parse_number(text, fiction=fiction)


def parse_number(text: str, *, fiction: bool) -> str:
    """Return `text` as E.164: fiction only, or never fiction; raise `NumberError` for all else.

    Digits of any script are read, and 00 for the +. Letters and signs are refused, not skipped:
    a number that lost one is the number of somebody else.
    """
    compact = _compact(text, fiction=fiction)
    if fiction:
        return _check_fiction(compact)
    if compact.startswith(FICTION):
        raise NumberError(_("This number is fictional and belongs to a rehearsal only."))
    try:
        number = phonenumbers.parse(settle_address(compact), None)
    except phonenumbers.NumberParseException:
        raise NumberError(_("No country has this country code. Check the first digits.")) from None
    # Possible from abroad: `is_possible_number` lets a number pass that lacks its area code.
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if phonenumbers.is_possible_number_with_reason(number) != possible:
        raise NumberError(_("This number is too short or too long for its country."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def settle_address(address: str) -> str:
    """Return an address that a provider told as it is kept here, and hashed."""
    return _OLD_MEXICAN.sub("+52", address)


def read_at_home(text: str, country: str, *, fiction: bool) -> str:
    """Return `text` as E.164, read as people of a country write it where it has no country code."""
    try:
        return parse_number(text, fiction=fiction)
    except NoCountryCode:
        digits = _compact(f"+{text.strip()}", fiction=fiction)
    if fiction:
        return _check_fiction(_play_at_home(digits.removeprefix("+"), country))
    # Some leave out the + alone: such a number is too long at home, and valid as it stands.
    for written, region in ((digits.removeprefix("+"), country), (digits, None)):
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise NumberError(_("This is no number of the country that you chose. Check each digit."))


def classify(address: str) -> NumberKind:
    """Return what kind of number an address is; by its serial where it is fiction."""
    if is_user_id(address):
        return NumberKind.USER_ID
    if address.startswith(FICTION):
        return _classify_fiction(address)
    number = phonenumbers.parse(address, None)
    by_code = _KINDS_BY_CODE.get(number.country_code or 0)
    return by_code or _KINDS.get(phonenumbers.number_type(number), NumberKind.UNKNOWN)


def country_of(address: str) -> str:
    """Return the ISO code of an address's country, "" where it has none or nobody knows it."""
    if is_user_id(address):
        region: str | None = address[:2]
    elif address.startswith(FICTION):
        region = _main_region(int(_split_fiction(address)[0] or 0))
    else:
        number = phonenumbers.parse(address, None)
        # A range that is newer than our tables still has its country code.
        region = phonenumbers.region_code_for_number(number) or _main_region(number.country_code)
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


def prefix_of(address: str) -> str:
    """Return the block of ten thousand numbers that an address is in; a user id stands for itself."""
    return address if is_user_id(address) else address[:-_BLOCK]


def is_user_id(address: str) -> bool:
    """Say whether an address is a user id and no number."""
    return _USER_ID.fullmatch(address) is not None


def make_fiction(calling_code: str, serial: int) -> str:
    """Return the fictional number that plays number `serial` (below ten million) of a country."""
    return f"{FICTION}{calling_code}{serial:0{_SERIAL}d}"


def _compact(text: str, *, fiction: bool) -> str:
    """Return + and digits, and nothing else."""
    if len(text) > _LONGEST_TEXT:
        raise NumberError(_refusal(fiction=fiction))
    bare = _BETWEEN.sub("", text.translate(_PLUS))
    digits = bare.removeprefix("+")
    if not digits or not all(char.isdecimal() for char in digits):
        raise NumberError(_refusal(fiction=fiction))
    digits = "".join(str(unicodedata.decimal(char)) for char in digits)
    if bare.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    raise NoCountryCode(_refusal(fiction=fiction))


def _refusal(*, fiction: bool) -> str:
    if fiction:
        return _(
            "Write the number with digits only. A rehearsal takes numbers that start with +999 only."
        )
    return _("Write the number with + and its country code, in digits.")


def _check_fiction(compact: str) -> str:
    if not compact.startswith(FICTION):
        raise NumberError(_("A rehearsal takes numbers that start with +999 only."))
    if not _SHORTEST_FICTION <= len(compact) <= _LONGEST:
        raise NumberError(_("This fictional number is too short or too long."))
    return compact


def _play_at_home(digits: str, country: str) -> str:
    code = str(phonenumbers.country_code_for_region(country))
    if f"+{digits}".startswith(FICTION):
        return f"+{digits}"
    if digits.startswith(code) and len(digits) == len(code) + _SERIAL:
        return f"{FICTION}{digits}"
    # The zero that is dialled first within a country.
    serial = digits[1:] if digits.startswith("0") and len(digits) > _SERIAL else digits
    return f"{FICTION}{code}{serial}"


def _check_user_id(user_id: str, *, fiction: bool) -> str:
    if fiction and not user_id.startswith(FICTION_ID):
        raise NumberError(_("A rehearsal takes numbers that start with +999 only."))
    if not fiction and user_id.startswith(FICTION_ID):
        raise NumberError(_("This number is fictional and belongs to a rehearsal only."))
    return user_id


def _classify_fiction(address: str) -> NumberKind:
    code, serial = _split_fiction(address)
    if not code or len(serial) < _SERIAL:
        return NumberKind.UNKNOWN
    played = {"8": NumberKind.FIXED_LINE, "9": NumberKind.PREMIUM}
    return played.get(serial[0], NumberKind.MOBILE)


def _main_region(country_code: int | None) -> str:
    return phonenumbers.region_code_for_country_code(country_code or 0)


def _split_fiction(address: str) -> tuple[str, str]:
    """Return the calling code that a fictional number plays, "" where it plays none, and the rest."""
    rest = address.removeprefix(FICTION)
    for length in (1, 2, 3):
        code = rest[:length]
        if code.isdigit() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code, rest[length:]
    return "", rest
