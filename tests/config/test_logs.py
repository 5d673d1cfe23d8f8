"""What a log line may not hold: anything that looks like a phone number, or an address as typed."""

import io
import logging
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from config.logs import PrivateFilter
from messaging.numbers import make_fiction


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(out: io.StringIO) -> Iterator[logging.Logger]:
    handler = logging.StreamHandler(out)
    handler.addFilter(PrivateFilter())
    logger = logging.getLogger("tests.private")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger
    logger.removeHandler(handler)


def clean(text: str) -> str:
    record = logging.LogRecord("x", logging.WARNING, "x", 1, text, None, None)
    assert PrivateFilter().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    "number",
    [
        make_fiction("221", 42),
        make_fiction("221", 42).removeprefix("+"),
        "%2B" + make_fiction("221", 42).removeprefix("+"),
        "%2b" + make_fiction("221", 42).removeprefix("+"),
        "+999 221 000 00 42",
        "+999 (221) 000-00-42",
        "00999.221.0000042",
        "+999\u00a0221\u00a00000042",
        "+9990042",  # the shortest numbers of the world have seven digits
        "٠٠٩٩٩٢٢١٠٠٠٠٠٤٢",
        "whatsapp:" + make_fiction("221", 42),
    ],
)
def test_number_is_hidden_however_it_is_written(number: str) -> None:
    line = clean(f"could not reach {number}, will try again")
    assert "[number]" in line
    assert line.startswith("could not reach ")
    assert line.endswith(", will try again")
    assert not re.search(r"\d{3}", line)


@given(st.integers(0, 9_999_999), st.sampled_from(["1", "20", "221", "998"]), st.text(max_size=5))
def test_no_fictional_number_survives(serial: int, calling_code: str, around: str) -> None:
    number = make_fiction(calling_code, serial)
    assert number.removeprefix("+") not in clean(f"{around}{number}{around}")


@pytest.mark.parametrize(
    "line",
    [
        "delivery 1234567: its number cannot be opened",
        "sender 2 rests: its account was refused",
        "broadcast:x7k2pq9m launched 2000 deliveries in 12.5 s",
        "http://127.0.0.1:8001/",
        "100%",
    ],
)
def test_ids_and_counts_stay(line: str) -> None:
    assert clean(line) == line


def test_number_in_an_argument_is_hidden(log: logging.Logger, out: io.StringIO) -> None:
    number = make_fiction("221", 42)
    log.warning("to %s and %r", number, {"to": number})
    assert "0000042" not in out.getvalue()
    assert out.getvalue().count("[number]") == 2


def test_traceback_gives_type_and_place_and_no_value(log: logging.Logger, out: io.StringIO) -> None:
    number = make_fiction("221", 42)
    try:
        raise KeyError(number)
    except KeyError:
        log.exception("delivery 7 failed")
    line = out.getvalue()
    assert re.fullmatch(r"delivery 7 failed \(KeyError at test_logs\.py:\d+\)\n", line)


def test_line_whose_arguments_do_not_fit_fails_nobody(
    log: logging.Logger, out: io.StringIO
) -> None:
    for line, argument in (("%d people", "many"), ("%s and %s", "one")):
        log.warning(line, argument)
    assert out.getvalue().count("do not fit") == 2


def test_every_handler_of_the_deployment_is_private() -> None:
    logging_of: dict[str, Any] = dict(settings.LOGGING)
    handlers = logging_of["handlers"]
    assert handlers
    assert all(handler["filters"] == ["private"] for handler in handlers.values())
    assert logging_of["filters"]["private"] == {"()": "config.logs.PrivateFilter"}
    own = [logger for logger in logging_of["loggers"].values() if "handlers" in logger]
    assert own == []


@pytest.mark.parametrize(
    ("match", "named"),
    [
        (None, "an unknown address"),
        (SimpleNamespace(route="<slug:language>/search/"), "/<slug:language>/search/"),
    ],
)
def test_fault_is_logged_with_the_kind_of_its_address_and_not_with_what_was_typed(
    log: logging.Logger, out: io.StringIO, match: Any, named: str
) -> None:
    request = SimpleNamespace(path="/ar/Amina-Diallo/", resolver_match=match)
    words = ("Internal Server Error", request.path)
    log.error("%s: %s", *words, extra={"request": request})
    assert out.getvalue() == f"Internal Server Error: {named}\n"


def test_address_that_is_not_there_is_no_line_at_all() -> None:
    assert not logging.getLogger("django.request").isEnabledFor(logging.WARNING)
    assert logging.getLogger("django.request").isEnabledFor(logging.ERROR)
