"""`manage.py audit verify`: whether nothing in the audit was changed, left out or put elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from campaigns import audit, triggers
from campaigns.models import AuditHead
from messaging import triggers as consent_triggers

# The line that `campaigns.audit` writes into the log, in either of its forms.
_LINE = re.compile(r"entry (\d+) has the mark ([a-p]+)")
_MOST_SHOWN = 20


class Command(BaseCommand):
    """Verify the chain of the audit, and compare it with what the log says."""

    help = (
        "Verify the audit: every entry against the one before it, and with --log also against the "
        "marks in a log that was kept on another machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("verify",))
        parser.add_argument(
            "--log", action="append", default=[], metavar="FILE", help="a log; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        marks = dict(mark for name in options["log"] for mark in _read_marks(Path(name)))
        breaks = list(audit.find_breaks(marks))
        for one in breaks[:_MOST_SHOWN]:
            self.stdout.write(f"Entry {one.number}: {one.fault}.")
        if len(breaks) > _MOST_SHOWN:
            self.stdout.write(f"And {len(breaks) - _MOST_SHOWN} more.")
        # The ledger of consent is no audit, but whoever takes away one guard is asked about both.
        missing = [*triggers.find_missing(connection), *consent_triggers.find_missing(connection)]
        if missing:
            self.stdout.write(f"The database does not guard it: {', '.join(missing)} missing.")
        if breaks or missing:
            raise CommandError("The audit does not hold. Keep this database as it is, and ask who.")
        head = AuditHead.objects.first() or AuditHead()
        end = f", the last with the mark {audit.mark_of(head.digest)}" if head.number else ""
        seen = f" {len(marks)} marks of the log agree." if options["log"] else ""
        self.stdout.write(f"The audit holds: {head.number} entries{end}.{seen}")


def _read_marks(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if found := _LINE.search(line):
                    yield int(found[1]), found[2]
    except OSError as error:
        raise CommandError(f"The log cannot be read: {error.strerror}.") from None
