"""`manage.py code`: the sign-in code of a rehearsal's person at this moment."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.people import PEOPLE, read_secret
from messaging.sandbox.codes import PERIOD, make_code


class Command(BaseCommand):
    """Print one code; a live deployment has none to print."""

    help = "Print the sign-in code of this moment of one of a rehearsal's people."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", choices=list(PEOPLE), metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError("This is a live deployment: its people have codes of their own.")
        moment = time.time()
        left = PERIOD - int(moment) % PERIOD
        code = make_code(read_secret(options["email"]), moment)
        self.stdout.write(f"{code}   good for {left} more seconds, and once")
