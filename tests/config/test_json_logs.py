"""JSON lines: one event's name each, no number, no text, nothing of what an error held."""

import ast
import io
import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from config.logs import FORMS, JsonFormatter, PrivateFilter, configure
from messaging.numbers import make_fiction
from tests.architecture.sources import sources

NUMBER = make_fiction("221", 7_310_551)
TEXT = "zebra-canary-text"


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def written(out: io.StringIO) -> Iterator[logging.Handler]:
    """Write what two loggers say, one of ours and one of a library, as a live deployment does."""
    handler = logging.StreamHandler(out)
    handler.addFilter(PrivateFilter())
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger("waymark.tests"), logging.getLogger("library.tests")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)
        logger.propagate = True


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.usefixtures("written")
class TestOwnLines:
    log = logging.getLogger("waymark.tests")

    def test_line_has_its_event_its_time_and_what_was_said(self, out: io.StringIO) -> None:
        self.log.warning("sender %s rests: its account was refused", 7)
        (line,) = lines(out)
        assert line.pop("at").endswith("+00:00")
        assert line.pop("process") > 0
        assert line == {
            "level": "warning",
            "event": "tests.sender_rests_its_account_was_refused",
            "message": "sender 7 rests: its account was refused",
        }

    def test_event_is_the_same_whatever_its_values_are(self, out: io.StringIO) -> None:
        for value in (1, NUMBER, TEXT, "%s {x}\n"):
            self.log.warning("delivery %s: %r", value, value)
        assert {line["event"] for line in lines(out)} == {"tests.delivery"}

    def test_event_may_be_named_by_whoever_writes(self, out: io.StringIO) -> None:
        self.log.warning("so it is", extra={"event": "fence.closed"})
        assert lines(out)[0]["event"] == "fence.closed"

    def test_number_is_in_no_part_of_the_line(self, out: io.StringIO) -> None:
        self.log.warning("cannot reach %s, %s", NUMBER, {"to": NUMBER})
        self.log.warning(f"cannot reach {NUMBER}")  # noqa: G004
        assert NUMBER[1:] not in out.getvalue()
        assert "[number]" in lines(out)[0]["message"]

    def test_error_is_its_kind_and_its_place_and_nothing_it_held(self, out: io.StringIO) -> None:
        body = TEXT
        try:
            raise ValueError(f"{NUMBER} {body}") from KeyError(body)
        except ValueError:
            self.log.exception("delivery %s failed", 7, stack_info=True)
        (line,) = lines(out)
        assert line["message"] == "delivery 7 failed"
        assert line["fault"].startswith("ValueError at test_json_logs.py:")
        assert TEXT not in out.getvalue()
        assert NUMBER[1:] not in out.getvalue()

    def test_line_break_in_a_value_makes_no_second_line(self, out: io.StringIO) -> None:
        self.log.warning("a word: %s", 'x"}\n{"event": "forged"}')
        assert len(lines(out)) == 1

    @pytest.mark.django_db
    def test_error_of_the_database_shows_neither_statement_nor_values(
        self, out: io.StringIO
    ) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT no_such_column, %s", [TEXT])
        except DatabaseError:
            self.log.exception("it failed")
        (line,) = lines(out)
        assert TEXT not in out.getvalue()
        assert "no_such_column" not in out.getvalue()
        assert "from test_json_logs.py:" in line["fault"], "and says where our own code was"


@pytest.mark.usefixtures("written")
class TestLibraries:
    log = logging.getLogger("library.tests")

    def test_of_a_library_only_its_constant_words_are_kept(self, out: io.StringIO) -> None:
        self.log.error("cannot reach %s: %s", "somewhere", TEXT)
        (line,) = lines(out)
        assert line["message"] == "cannot reach %s: %s"
        assert line["event"] == "library.tests.cannot_reach"
        assert line["place"].startswith("test_json_logs.py:")

    def test_words_that_are_put_together_already_are_not_kept(self, out: io.StringIO) -> None:
        self.log.error(f"Task exception was never retrieved: {TEXT}")  # noqa: G004
        (line,) = lines(out)
        assert TEXT not in out.getvalue()
        assert line["event"] == "library.tests.error"
        assert "message" not in line

    def test_its_errors_hold_nothing_either(self, out: io.StringIO) -> None:
        try:
            raise RuntimeError(TEXT)
        except RuntimeError:
            self.log.exception("failed: %s", TEXT)
        assert TEXT not in out.getvalue()
        assert lines(out)[0]["fault"].startswith("RuntimeError at ")


def test_plain_lines_repeat_nothing_of_a_librarys_error_either(out: io.StringIO) -> None:
    handler = logging.StreamHandler(out)
    handler.addFilter(PrivateFilter())
    log = logging.getLogger("library.plain")
    log.addHandler(handler)
    try:
        raise RuntimeError(TEXT)
    except RuntimeError as error:
        # As Celery does, and as asyncio does.
        log.exception("Task %(name)s raised: %(exc)s", {"name": "a.tick", "exc": repr(error)})
        log.exception("%s: %s", "failed", error)
    log.removeHandler(handler)
    first, second = out.getvalue().splitlines()
    assert TEXT not in out.getvalue()
    assert first.startswith("Task a.tick raised: … (RuntimeError at test_json_logs.py:")
    assert second.startswith("%s: %s (RuntimeError at ")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_goes_through_the_filter(form: str) -> None:
    configured = configure(form)
    assert [handler["filters"] for handler in configured["handlers"].values()] == [["private"]]
    assert [handler["formatter"] for handler in configured["handlers"].values()] == [form]
    assert form in configured["formatters"]


def test_a_rehearsal_writes_lines_for_a_person() -> None:
    assert settings.LOGGING["handlers"]["console"]["formatter"] == "lines"


def test_every_line_of_ours_has_an_event_and_other_words_are_another_event() -> None:
    filter_, found = PrivateFilter(), defaultdict[str, set[str]](set)
    for logger, template in written_lines():
        record = logging.LogRecord(logger, logging.WARNING, "x", 1, template, None, None)
        filter_.filter(record)
        found[vars(record)["event"]].add(template)
    assert len(found) > 20
    assert {event: words for event, words in found.items() if len(words) > 1} == {}
    assert [event for event in found if event.endswith((".warning", ".error"))] == []


def written_lines() -> Iterator[tuple[str, str]]:
    """Return the logger and the constant words of every line that our code can write."""
    for source in sources():
        if source.is_test:
            continue
        name = ""
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            first = node.args[0] if node.args else None
            words = first.value if isinstance(first, ast.Constant) else None
            if node.func.attr == "getLogger" and str(words).startswith("waymark"):
                name = str(words)
            elif getattr(node.func.value, "id", "") in {"log", "logger"} and name and words:
                yield name, str(words)
