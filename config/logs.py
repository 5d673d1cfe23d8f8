"""What a log line may not hold: a phone number (promise 6), or an address as it was typed."""

import logging
import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

# After a plus six digits are enough; without one eight, longer than any id we log on purpose.
# Separators may stand between them.
_NUMBER = re.compile(
    r"(?:\+|%2B)[\s().-]?\d(?:[\s().-]{0,2}\d){5,}|\d(?:[\s().-]{0,2}\d){7,}", re.IGNORECASE
)


class PrivateFilter(logging.Filter):
    """Replace what looks like a phone number in a record's message, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without its numbers."""
        if (request := getattr(record, "request", None)) and isinstance(record.args, tuple):
            # Django names the address that was asked for; which of ours it is says enough.
            named = (str(value).startswith("/") for value in record.args)
            record.args = tuple(
                _name_route(request) if is_address else value
                for is_address, value in zip(named, record.args, strict=True)
            )
        record.msg = _NUMBER.sub("[number]", _read(record))
        record.args = None
        if record.exc_info:
            # A traceback can repeat values; its type and place are enough to find the fault.
            record.msg = f"{record.msg} ({_name_fault(record.exc_info[0], record.exc_info[2])})"
            record.exc_info = None
            record.exc_text = None
        return True


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
    places = [
        f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in traceback.walk_tb(trace)
    ]
    return f"{name} at {places[-1]}" if places else name
