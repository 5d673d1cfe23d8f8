"""What a log line may not hold: anything that looks like a phone number (promise 6)."""

import logging
import re

# Seven or more digits, perhaps with separators and a plus: longer than any id we log on purpose.
_NUMBER = re.compile(r"(?:\+|%2B)?\d(?:[\s().-]?\d){7,}", re.IGNORECASE)


class PrivateFilter(logging.Filter):
    """Replace what looks like a phone number in a record's message, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without its numbers."""
        record.msg = _NUMBER.sub("[number]", record.getMessage())
        record.args = None
        if record.exc_info:
            # A traceback can repeat values; its type and place are enough to find the fault.
            kind = record.exc_info[0]
            record.msg = f"{record.msg} ({kind.__name__ if kind else 'error'})"
            record.exc_info = None
            record.exc_text = None
        return True
