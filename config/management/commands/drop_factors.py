"""`manage.py drop_factors`: for who has lost her phone and her codes; two people answer for her."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.partners.inviting import find_account
from config.lost_factors import NotTwo, drop_factors


class Command(BaseCommand):
    """Take away somebody's factors and sessions; she keeps her password."""

    help = "Let somebody set up a second factor anew, on the word of two administrators. Audited."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--by", nargs=2, required=True, metavar="EMAIL", help="the two who have looked"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, second = map(_find, options["by"])
        try:
            drop_factors(_find(options["email"]), by=(first, second), now=timezone.now())
        except NotTwo as error:
            raise CommandError(str(error)) from None
        self.stdout.write("Done. With her password she is led to set up another factor.")


def _find(email: str) -> User:
    found = find_account(email)
    if found is None:
        raise CommandError("There is no account with one of these addresses.")
    return found
