"""`manage.py fence`: stop everything that is sent, at once, or let it go on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from messaging.models import Fence


class Command(BaseCommand):
    """Close or open the one fence that every message has to pass."""

    help = "Close the fence (nothing more is sent, in any broadcast), open it, or say how it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", nargs="?", choices=("close", "open"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"]:
            Fence.objects.update_or_create(
                pk=1, defaults={"send_enabled": options["action"] == "open"}
            )
        is_open = Fence.objects.filter(send_enabled=True).exists()
        self.stdout.write(
            "The fence is open: what is approved is sent."
            if is_open
            else "The fence is closed: nothing more is sent. Calls on their way still end."
        )
