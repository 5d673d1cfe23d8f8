"""Count again by hand: one batch, or all of them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.counting import PurgedBatch, UnknownBatch, recount
from messaging.models import Batch


class Command(BaseCommand):
    help = "Count deliveries and reach again, from the ledger; running it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "reference", nargs="?", help="such as broadcast:abcd2345; all if left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["reference"]
        standing = Batch.objects.filter(purged_at__isnull=True)
        references = [wanted] if wanted else list(standing.values_list("reference", flat=True))
        try:
            for reference in references:
                recount(reference, now=timezone.now())
        except (UnknownBatch, PurgedBatch) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Counted {len(references)} batch(es).")
