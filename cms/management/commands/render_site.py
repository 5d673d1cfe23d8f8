"""`manage.py render_site`: make every answer to readers that is not stored fresh."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.publishing.rendering import render_missing
from cms.publishing.storing import mark_all_stale


class Command(BaseCommand):
    help = "Make every page for readers that is stale or was never made, and store it compressed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="make fresh ones anew as well")
        parser.add_argument(
            "--heavy", action="store_true", help="make the files to pass on, asked for or not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            mark_all_stale()
        done = render_missing(now=timezone.now(), heavy=options["heavy"])
        self.stdout.write(f"{done.made} answers made.")
        if done.failed:
            raise CommandError("These could not be made: " + ", ".join(done.failed))
