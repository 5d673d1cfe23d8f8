"""What a message may not be: pure rules over frozen values, read from the models at one place.

`registry` lists every rule; `reading` makes a DraftMessage of a page, with what stands unsaved in
its form; `gate` refuses what may not be submitted. The rules themselves know no database.
"""

from cms.linting.registry import RULES, Rule, lint
from cms.linting.values import (
    PHONE_FIELDS,
    TEXT_FIELDS,
    DraftMessage,
    Finding,
    Media,
    Severity,
    Template,
    Used,
    Word,
)

__all__ = [
    "PHONE_FIELDS",
    "RULES",
    "TEXT_FIELDS",
    "DraftMessage",
    "Finding",
    "Media",
    "Rule",
    "Severity",
    "Template",
    "Used",
    "Word",
    "lint",
]
