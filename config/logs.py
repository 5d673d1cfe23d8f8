"""What a log line may not hold: anything that looks like a phone number (promise 6)."""

import logging
import re
import traceback
from pathlib import Path
from types import TracebackType

# After a plus six digits are enough; without one eight, longer than any id we log on purpose.
# Separators may stand between them.
_NUMBER = re.compile(
    r"(?:\+|%2B)[\s().-]?\d(?:[\s().-]{0,2}\d){5,}|\d(?:[\s().-]{0,2}\d){7,}", re.IGNORECASE
)


class PrivateFilter(logging.Filter):
    """Replace what looks like a phone number in a record's message, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without its numbers."""
        record.msg = _NUMBER.sub("[number]", _read(record))
        record.args = None
        if record.exc_info:
            # A traceback can repeat values; its type and place are enough to find the fault.
            record.msg = f"{record.msg} ({_name_fault(record.exc_info[0], record.exc_info[2])})"
            record.exc_info = None
            record.exc_text = None
        return True


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
