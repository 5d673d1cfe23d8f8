"""`manage.py tick`: everything that the clock does, once, with no broker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.clock import UnknownTick, list_ticks, run_ticks


class Command(BaseCommand):
    """Do every tick once, in order, and end with 1 where one of them failed."""

    help = (
        "Do once what the clock does, with Celery off: sweep, launch, send, fold receipts, repair, "
        "reconcile, count. With names only those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="TICK", help=", ".join(list_ticks()))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = run_ticks(options["names"] or list_ticks(), clock=timezone.now)
        except UnknownTick as error:
            raise CommandError(str(error)) from None
        if options["verbosity"] > 1:
            for one in done:
                self.stdout.write(
                    f"{one.name}: {one.error or 'done'}, {one.took.total_seconds():.2f} s"
                )
        if failed := [f"{one.name} ({one.error})" for one in done if one.error]:
            raise CommandError(f"{len(done)} ticks, and these failed: {', '.join(failed)}.")
        if options["verbosity"]:
            self.stdout.write(f"{len(done)} ticks done.")
