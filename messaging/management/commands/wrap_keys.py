"""`manage.py wrap_keys`: make the first or the next key at the key service, and keep it wrapped."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils import timezone

from messaging.models import WrappedKey
from messaging.sealing.keyring import name_service
from messaging.sealing.keys.environment import read_keys
from messaging.sealing.keys.kms import SETTLES, Wrapper
from messaging.sealing.keys.ring import PURPOSES, KeysAway
from messaging.sealing.keys.wrapping import WrappingError, take_over, wrap_next


class Command(BaseCommand):
    help = (
        "Make a key at the key service (WAYMARK_KMS_KEY) and keep it wrapped. Without words: the"
        " first ones, where there are none. With `number` or `index`: the next of that kind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("purposes", nargs="*", metavar="number | index")
        parser.add_argument(
            "--take-over",
            action="store_true",
            help="wrap the keys that the settings hold, as they are",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["purposes"]
        if not settings.KMS_KEY:
            raise CommandError("WAYMARK_KMS_KEY names no key of a key service. Set it first.")
        if set(named) - set(PURPOSES):
            raise CommandError("There are `number` keys and `index` keys, and no others.")
        try:
            wrapper = Wrapper(name_service())
            if options["take_over"]:
                for purpose in named or PURPOSES:
                    self._take_over(purpose, wrapper)
            else:
                for purpose in named or self._missing():
                    self._wrap_next(purpose, wrapper)
        except (KeysAway, WrappingError) as error:
            raise CommandError(str(error)) from None
        except IntegrityError:
            raise CommandError(
                "Somebody else has wrapped a key just now. Look, and try again."
            ) from None

    def _missing(self) -> list[str]:
        wrapped = set(WrappedKey.objects.values_list("purpose", flat=True))
        missing = [purpose for purpose in PURPOSES if purpose not in wrapped]
        if not missing:
            raise CommandError("The first keys are there. Say `number` or `index` for a next one.")
        if any(read_keys(purpose) for purpose in missing):
            raise CommandError(
                "The settings hold keys. `wrap_keys --take-over` wraps these as they are;"
                " `wrap_keys number index` makes new ones, and `rotate_keys` moves to them."
            )
        return missing

    def _wrap_next(self, purpose: str, wrapper: Wrapper) -> None:
        made = wrap_next(purpose, wrapper=wrapper, now=timezone.now())
        is_first = made.key_id == 1
        self.stdout.write(
            f"{made}: wrapped, and in use at once."
            if is_first
            else f"{made}: wrapped. It is written with from {made.made_at + SETTLES:%H:%M} UTC on,"
            " when every process knows it; then run `rotate_keys`."
        )

    def _take_over(self, purpose: str, wrapper: Wrapper) -> None:
        taken = take_over(purpose, wrapper=wrapper, now=timezone.now())
        for row in taken:
            self.stdout.write(f"{row}: wrapped as it was.")
        if not taken:
            self.stdout.write(f"No {purpose} key was left to take over.")
        else:
            self.stdout.write(f"The settings need no {purpose} key any more.")
