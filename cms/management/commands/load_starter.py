"""Load the starter pack; a second run changes nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.starter.loading import load_pack
from cms.starter.reading import DATA, StarterError, read_pack


class Command(BaseCommand):
    help = "Load routes, facts, pathways, claims, contact points and messages; never touches what is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=DATA, metavar="FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pack = read_pack(options["folder"])
        except StarterError as error:
            raise CommandError(f"The starter pack cannot be loaded. {error}") from error
        say = self.stdout.write if options["verbosity"] else _say_nothing
        new = load_pack(pack, say=say)
        say(f"Starter pack: {new} new." if new else "Starter pack: nothing new.")


def _say_nothing(_line: str) -> None:
    """Stay quiet, as --verbosity 0 asks."""
