"""`manage.py fence`: stop everything that is sent, let it go on, and what must be done after a restore."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from config import recovering
from messaging.guarding import fencing, restoring

_ACTIONS = ("close", "open", "restored", "confirm", "raise")


class Command(BaseCommand):
    """Close or open the one fence that every message has to pass, also after a restore."""

    help = (
        "Close the fence (nothing more is sent, in any broadcast), open it, or say how it is. After a "
        "restore: `restored --since TIME`, `confirm CHECK --how WORDS` for what was done by hand, "
        "`raise`. docs/operations.md has the whole way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", nargs="?", choices=_ACTIONS)
        parser.add_argument("check", nargs="?", choices=(restoring.OPT_OUTS, restoring.RECONCILED))
        parser.add_argument("--since", help="when the backup was taken, such as 2026-11-21T03:00Z")
        parser.add_argument("--how", default="", help="who checked it, and how")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        match options["action"]:
            case "close":
                fencing.close(now=now)
            case "open":
                self._open(now=now)
            case "restored":
                self._recover(_read_time(options["since"]))
            case "confirm":
                self._confirm(options["check"], options["how"], now=now)
            case "raise":
                self._raise(now=now)
        self._say_how_it_is()

    def _open(self, *, now: datetime) -> None:
        try:
            fencing.open_again(now=now)
        except fencing.NotChecked:
            raise CommandError(
                "A restore was declared. `manage.py fence raise` opens it, once everything is checked."
            ) from None

    def _recover(self, since: datetime) -> None:
        for step in recovering.recover(since=since, clock=timezone.now):
            mark = "done" if step.is_done else "TO DO"
            self.stdout.write(f"{mark:6}{step.says}")

    def _confirm(self, check: str | None, how: str, *, now: datetime) -> None:
        if not check or len(how) < 10:
            raise CommandError(
                "Name the check and say in a few words who did it and how: "
                "`manage.py fence confirm opt_outs --how '…'`."
            )
        if "since" not in restoring.read_checks():
            raise CommandError("No restore was declared. `manage.py fence restored` comes first.")
        restoring.pass_check(check, how, now=now)
        self.stdout.write(f"Written down: {check}.")

    def _raise(self, *, now: datetime) -> None:
        try:
            epoch = restoring.move_on(now=now)
        except restoring.ChecksMissing as error:
            raise CommandError(
                f"Not yet: {', '.join(error.missing)}. `manage.py fence restored --since TIME` does "
                "what can be done, and says what a person has to confirm."
            ) from None
        self.stdout.write(
            f"The database is at epoch {epoch} now. Set WAYMARK_EPOCH={epoch} for every process and "
            "restart them: until then nothing is sent. Paused broadcasts go on one by one, at the desk."
        )

    def _say_how_it_is(self) -> None:
        standing = fencing.read_standing()
        if not standing.is_open:
            self.stdout.write(
                "The fence is closed: nothing more is sent. Calls on their way still end."
            )
        elif standing.may_send:
            self.stdout.write("The fence is open: what is approved is sent.")
        if not standing.is_right_epoch:
            self.stdout.write(
                f"Nothing is sent: the database is at epoch {standing.epoch}, and this process has "
                f"WAYMARK_EPOCH={settings.EPOCH}."
            )
        if not standing.is_right_place:
            self.stdout.write(
                "Nothing is sent: this is not the database in which the fence was last set. It was "
                "restored or promoted, so `manage.py fence restored` comes first."
            )


def _read_time(text: str | None) -> datetime:
    try:
        since = parse_datetime(text or "")
    except ValueError:
        since = None
    if since is None or since.tzinfo is None or since > timezone.now():
        raise CommandError(
            "Say when the backup was taken, with its zone: --since 2026-11-21T03:00Z. An hour too early "
            "is safe, a minute too late is not."
        )
    return since
