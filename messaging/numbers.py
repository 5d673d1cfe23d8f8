"""Phone numbers: parse and mask E.164. The only room that imports `phonenumbers`.

Fictional numbers of a rehearsal start with +999, a country code that the ITU has assigned to nobody
(ITU-T E.164, list of country codes); after it stand a real calling code and a serial number, so that
+999 221 0000042 plays a number of Senegal and can ring nowhere.
"""

import unicodedata

import phonenumbers

FICTION = "+999"
_SHORTEST_FICTION, _LONGEST = 9, 16


class NumberError(ValueError):
    """Say that a text is no number one can send to; never repeats the text."""


def parse_number(text: str, *, fiction: bool) -> str:
    """Return `text` as E.164: fiction only, or never fiction; raise `NumberError` for all else."""
    compact = "+" + "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())
    if fiction:
        return _check_fiction(compact)
    if compact.startswith(FICTION):
        raise NumberError("This number is fictional and belongs to a rehearsal only.")
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise NumberError("Write the number with + and its country code.") from error
    # Possible from abroad: `is_possible_number` lets a number pass that lacks its area code.
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if phonenumbers.is_possible_number_with_reason(number) != possible:
        raise NumberError("This number is too short or too long for its country.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check_fiction(compact: str) -> str:
    if not compact.startswith(FICTION):
        raise NumberError("A rehearsal takes numbers that start with +999 only.")
    if not _SHORTEST_FICTION <= len(compact) <= _LONGEST:
        raise NumberError("This fictional number is too short or too long.")
    return compact


def make_fiction(calling_code: str, serial: int) -> str:
    """Return the fictional number that plays number `serial` (below ten million) of a country."""
    return f"{FICTION}{calling_code}{serial:07d}"
