"""`manage.py drain`: launch, send and fold until nothing is due, with no broker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.clock import drain


class Command(BaseCommand):
    """Go on until nothing is due, and end with 1 where something stays so or failed."""

    help = "Launch, send, fold receipts and count until nothing is due, with Celery off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds", type=float, default=3600.0, help="go on for so long at most (an hour)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        drained = drain(clock=timezone.now, seconds=options["seconds"])
        if drained.failed:
            raise CommandError(f"These ticks failed: {', '.join(drained.failed)}.")
        if drained.left:
            raise CommandError(
                f"{drained.left} are still due and do not go out. `manage.py fence` and "
                "/desk/safety/ say what holds them back."
            )
        if options["verbosity"]:
            self.stdout.write(f"Nothing is due any more, after {drained.rounds} rounds.")
