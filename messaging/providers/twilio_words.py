"""Twilio's words in ours, as tables: statuses, error codes, and what each means for the next step.

From Twilio's error pages and message lifecycle, as of 2026-11. A code that is not here is
`UNRECOGNISED` and fails: someone adds a row.
"""

from messaging.wire import (
    BUSY,
    CONTENT,
    EXPIRED,
    FILTERED,
    LIMITED,
    OPTED_OUT,
    SENDER,
    TEMPORARY,
    UNRECOGNISED,
    UNUSABLE,
)

STATES: dict[str, str] = {
    "accepted": "accepted",
    "queued": "accepted",
    "scheduled": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}

CODES_BY_REASON: dict[str, tuple[int, ...]] = {
    OPTED_OUT: (21610, 63014, 63033),
    UNUSABLE: (21211, 21614, 21635, 30005, 30006, 63003, 63024),
    SENDER: (
        *(20003, 20005, 20006, 20403, 20404, 21212, 21408, 21603, 21606, 21657),
        *(30002, 30018, 30024, 30032, 30034, 30042, 63001, 63007),
    ),
    CONTENT: (
        *(21602, 21617, 21619, 21655, 21656),
        *(63005, 63013, 63016, 63021, 63027, 63028, 63040, 63041, 63042),
    ),
    # 21612: no way from this sender to this number. Others have one, and her phone is not at fault.
    FILTERED: (21612, 30004, 30007, 30039, 63026),
    BUSY: (20429, 21611),
    EXPIRED: (30036,),
    TEMPORARY: (
        *(30001, 30003, 30008, 30017, 30022, 30023, 30027, 30410),
        *(63009, 63010, 63012, 63023, 63119),
    ),
    LIMITED: (63017, 63018, 63032, 63038, 63049),
}
REASONS: dict[str, str] = {
    str(code): reason for reason, codes in CODES_BY_REASON.items() for code in codes
}


def read_state(word: str) -> str | None:
    """Return our state for Twilio's status, or None for a word that is not in the table."""
    return STATES.get(word)


def read_reason(code: str) -> str:
    """Return our reason for Twilio's error code; empty for no code."""
    if code in ("", "0"):
        return ""
    return REASONS.get(code, UNRECOGNISED)
