"""`manage.py retain`: remove what has been kept long enough, or say what that would be."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from messaging.upkeep import retention


class Command(BaseCommand):
    help = "Remove what has been kept long enough, by every rule; --dry-run only says what is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        dry = options["dry_run"]
        found = retention.due(now=now) if dry else retention.run(now=now)
        for one in found:
            done = f"{one.count} due" if dry else f"{one.removed} done, {one.count} left"
            self.stdout.write(f"{one.rule:<14} {done:<24} {one.says}")
