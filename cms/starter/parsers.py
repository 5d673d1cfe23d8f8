"""How one value of a starter file is read. Each parser returns a value or says what is wrong."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices

from locales.languages import LANGUAGES

Parser = Callable[[Any], Any]


class Wrong(ValueError):
    """Raised with what a value is, and how to mend it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def read_text(value: Any) -> str:
    """Read a text that must be there."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong(_describe(value), "write a text, in quotes where it is a number or a date")
    return value.strip()


def read_note(value: Any) -> str:
    """Read a text that may be null."""
    return "" if value is None else read_text(value)


def read_nothing(value: Any) -> None:
    """Read a field that is only ever null."""
    if value is not None:
        raise Wrong(_describe(value), "write null, or its fields below it")


def read_flag(value: Any) -> bool:
    """Read true or false; a field that is not there is false."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Wrong(_describe(value), "write true or false")
    return value


def read_false(value: Any) -> bool:
    """Read the mark of content that nobody has cleared; it cannot be true in a starter pack."""
    if value is not False:
        raise Wrong(
            _describe(value), "write false: a person clears it after the check, never a file"
        )
    return False


def read_figure(value: Any) -> Decimal | None:
    """Read a number or null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(_describe(value), "write a number, or null")
    return Decimal(str(value))


def read_count(value: Any) -> int | None:
    """Read a whole number or null."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Wrong(_describe(value), "write a whole number, or null")


def read_day(value: Any) -> date:
    """Read a day."""
    if type(value) is not date:
        raise Wrong(_describe(value), "write a day without quotes, such as 2027-05-20")
    return value


def read_optional_day(value: Any) -> date | None:
    """Read a day or null."""
    return None if value is None else read_day(value)


def read_period(value: Any) -> str:
    """Read a stretch of time in the publisher's words or as two days."""
    return value.isoformat() if type(value) is date else read_note(value)


def read_words(value: Any) -> list[str]:
    """Read a list of words; one that is not there is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Wrong(_describe(value), "write a list, such as [a, b]; an empty one is []")
    return [read_text(item) for item in value]


def read_other_figures(value: Any) -> str:
    """Read a list of numbers as the text that editors see."""
    if value is None:
        return ""
    if not isinstance(value, list):
        raise Wrong(_describe(value), "write a list of numbers, such as [1214, 1047]")
    return ", ".join(f"{read_figure(item):f}" for item in value)


def read_country(value: Any) -> str:
    """Read a country's two letters; EU stands for the union."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}", value):
        raise Wrong(_describe(value), 'write two capital letters; "NO" needs quotes')
    return value


def read_countries(value: Any) -> list[str]:
    """Read a list of countries."""
    return _read_each(value, read_country)


def read_language(value: Any) -> str:
    """Read a language that the table of languages knows."""
    if value not in LANGUAGES:
        raise Wrong(_describe(value), "use a code of the table of languages, or add it there first")
    return str(value)


def read_languages(value: Any) -> list[str]:
    """Read a list of languages."""
    return _read_each(value, read_language)


def read_address(value: Any) -> str:
    """Read a web address or null."""
    if value is None:
        return ""
    if not isinstance(value, str) or not re.fullmatch(r"https?://\S+", value):
        raise Wrong(_describe(value), "write a whole address with https://, or null")
    return value


def one_of(choices: type[TextChoices], *, optional: bool = False) -> Parser:
    """Make a parser for one word of a closed list."""

    def read(value: Any) -> str:
        if value is None and optional:
            return ""
        if value not in choices.values:
            raise Wrong(_describe(value), f"use one of: {', '.join(choices.values)}")
        return str(value)

    return read


def some_of(choices: type[TextChoices]) -> Parser:
    """Make a parser for several words of a closed list."""
    read = one_of(choices)
    return lambda value: _read_each(value, read)


def _read_each(value: Any, parser: Parser) -> list[str]:
    return [parser(item) for item in read_list(value)]


def read_list(value: Any) -> Sequence[Any]:
    """Read a list of anything; one that is not there is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Wrong(_describe(value), "write a list, such as [a, b]; an empty one is []")
    return value


def _describe(value: Any) -> str:
    return "is missing or null" if value is None else f"is {value!r}"
