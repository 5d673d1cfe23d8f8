"""What a log line may not hold: a phone number (promise 6), a text, or an address as it was typed.

Lines for a console, and JSON for a deployment that gathers them; each line has one event's name, made
from the constant words it was written with. What a library says may hold anything, so in JSON only
those constant words of it are kept, and the place where it said so.
"""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

# After a plus six digits are enough; without one eight, longer than any id we log on purpose.
# Separators may stand between them.
_NUMBER = re.compile(
    r"(?:\+|%2B)[\s().-]?\d(?:[\s().-]{0,2}\d){5,}|\d(?:[\s().-]{0,2}\d){7,}", re.IGNORECASE
)
_BLANK = re.compile(r"%\([^)]*\)[-#0-9. +]*[a-zA-Z]|%[-#0-9. +]*[a-zA-Z%]|\{[^{}]*\}")
_WORDS = re.compile(r"[^a-z]+")
_OWN = "waymark"
_LONGEST_EVENT = 80
_BASE_DIR = str(Path(__file__).resolve().parent.parent)


FORMS = ("lines", "json")
# Their lines below a warning are many, and some are full of addresses.
_TALKATIVE = (
    "twilio.http_client",
    "botocore",
    "urllib3",
    "aiohttp",
    "django.db.backends",
    "celery",
)


def configure(form: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything goes to the console in one form, through the filter."""
    quiet = {name: {"level": "WARNING"} for name in _TALKATIVE}
    # It warns of each wrong password, with who tried and from where.
    quiet["axes"] = {"level": "ERROR"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "config.logs.JsonFormatter"},
        },
        "filters": {"private": {"()": "config.logs.PrivateFilter"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["private"]}
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        # An address that is not there may hold anything, a name too; that it was asked for is no fault.
        "loggers": quiet | {_OWN: {"level": "INFO"}, "django.request": {"level": "ERROR"}},
    }


class PrivateFilter(logging.Filter):
    """Replace what looks like a phone number in a record's message, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without its numbers."""
        record.event = getattr(record, "event", "") or name_event(record)
        record.template = _read_template(record)
        if (request := getattr(record, "request", None)) and isinstance(record.args, tuple):
            # Django names the address that was asked for; which of ours it is says enough.
            named = (str(value).startswith("/") for value in record.args)
            record.args = tuple(
                _name_route(request) if is_address else value
                for is_address, value in zip(named, record.args, strict=True)
            )
        elif record.exc_info and not _is_own(record.name):
            # A library repeats in its line what an error held.
            _keep_name(record)
        record.msg = _NUMBER.sub("[number]", _read(record))
        record.args = None
        record.stack_info = None
        if record.exc_info:
            # A traceback can repeat values; its type and place are enough to find the fault.
            fault = _name_fault(record.exc_info[0], record.exc_info[2])
            record.fault, record.said = fault, record.msg
            record.msg = f"{record.msg} ({fault})"
            record.exc_info = None
            record.exc_text = None
        return True


class JsonFormatter(logging.Formatter):
    """Write a record that went through the filter as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: when, how bad, which event, and what we said about it."""
        is_own = _is_own(record.name)
        message = getattr(record, "said", record.msg) if is_own else getattr(record, "template", "")
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", record.name),
            "message": str(message),
            "fault": getattr(record, "fault", ""),
            "place": "" if is_own else f"{record.filename}:{record.lineno}",
            "process": record.process,
        }
        return json.dumps({name: value for name, value in line.items() if value != ""})


def name_event(record: logging.LogRecord) -> str:
    """Return the event of a record: its logger, and the constant words it was written with."""
    logger = record.name.removeprefix(f"{_OWN}.")
    words = _WORDS.sub("_", _BLANK.sub(" ", _read_template(record)).lower()).strip("_")
    return f"{logger}.{words or record.levelname.lower()}"[:_LONGEST_EVENT].rstrip("_")


def _read_template(record: logging.LogRecord) -> str:
    """Return the words that stand in the code; those of a library only where values are apart from them."""
    if _is_own(record.name) or record.args:
        return _NUMBER.sub("[number]", str(record.msg))
    return ""


def _keep_name(record: logging.LogRecord) -> None:
    """Leave of what a library fills in only what it calls a name, such as a task's."""
    if isinstance(record.args, Mapping):
        record.args = {key: value if key == "name" else "…" for key, value in record.args.items()}
    else:
        record.args = None


def _is_own(logger: str) -> bool:
    return logger == _OWN or logger.startswith(f"{_OWN}.")


def _name_route(request: Any) -> str:
    found = getattr(request, "resolver_match", None)
    return f"/{found.route}" if found else "an unknown address"


def _read(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        # A line that was put together wrongly must not fail whoever wrote it.
        return f"{record.msg} (its arguments do not fit)"


def _name_fault(kind: type[BaseException] | None, trace: TracebackType | None) -> str:
    name = kind.__name__ if kind else "error"
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]
    if not frames:
        return name
    # Where it broke, and where our own code was then: one of a library's places says little.
    own = [place for place in frames if _is_own_file(place[0])]
    through = f", from {_name_place(own[-1])}" if own and own[-1] != frames[-1] else ""
    return f"{name} at {_name_place(frames[-1])}{through}"


def _is_own_file(path: str) -> bool:
    return path.startswith(_BASE_DIR) and "site-packages" not in path


def _name_place(place: tuple[str, int]) -> str:
    return f"{Path(place[0]).name}:{place[1]}"
