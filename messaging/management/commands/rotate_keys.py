"""`manage.py rotate_keys`: seal and hash under the active keys what still is under older ones."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from messaging.sealing.keyring import ring_of
from messaging.sealing.keys import wrapping
from messaging.sealing.keys.environment import read_keys
from messaging.sealing.keys.ring import INDEX, NUMBER, KeysAway
from messaging.sealing.keys.wrapping import WrappingError
from messaging.upkeep.rehashing import rehash_sign_ups, rehash_subscribers
from messaging.upkeep.rotating import TABLES, Tally, count_under, find_left, reseal

_PAGES_TOLD = 20


class Command(BaseCommand):
    help = (
        "Seal and hash under the active keys what is under older ones. May be stopped at any time;"
        " the next run goes on. Others may read and write meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what is left")
        parser.add_argument(
            "--retire", type=int, metavar="ID", help="let a wrapped number key be used no more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["retire"] is not None:
                self._retire(options["retire"])
            elif options["dry_run"]:
                self._count()
            else:
                self._rotate()
        except KeysAway as error:
            raise CommandError(f"{error} What was done is kept; run this again.") from None

    def _count(self) -> None:
        for table in TABLES:
            self._say(f"{table.name}: {find_left(table).count():,} rows to seal anew.")
        if len(ring_of(INDEX).keys) > 1:
            for name, rehash in _REHASHES:
                left = rehash(tell=_say_nothing, dry=True).left
                self._say(f"{name}: {left:,} rows to hash anew.")

    def _rotate(self) -> None:
        total = Tally()
        for table in TABLES:
            if of := find_left(table).count():
                total += reseal(table, tell=self._teller(f"{table.name}, sealed anew", of))
        if len(ring_of(INDEX).keys) > 1:
            for name, rehash in _REHASHES:
                total += rehash(tell=self._teller(f"{name}, hashed anew", None))
        if total.unreadable:
            raise CommandError(
                f"{total.unreadable:,} rows cannot be opened and stay as they are. Is a key missing?"
                " `manage.py check --database default` says which."
            )
        self._say(f"Done: {total.moved:,} rows moved.")
        self._say_what_may_go()

    def _say_what_may_go(self) -> None:
        ring = ring_of(NUMBER)
        for key_id in ring.keys:
            if key_id == ring.active:
                continue
            left = count_under(key_id)
            if left:
                self._say(f"Number key {key_id} still seals {left:,} values. Run this again.")
            elif key_id in read_keys(NUMBER):
                self._say(
                    f"Number key {key_id} seals nothing any more. Take it out of the settings."
                )
            else:
                self._say(
                    f"Number key {key_id} seals nothing any more: `rotate_keys --retire {key_id}`."
                )
        if len(ring_of(INDEX).keys) > 1:
            self._say(
                "Keep the older index keys: the stop list holds people whose number is gone, and they"
                " are found under these alone."
            )

    def _retire(self, key_id: int) -> None:
        if key_id == ring_of(NUMBER).active:
            raise CommandError(f"Number key {key_id} is the active one. Wrap the next one first.")
        if left := count_under(key_id):
            raise CommandError(
                f"Number key {key_id} still seals {left:,} values. Run `rotate_keys` first."
            )
        try:
            wrapping.retire(NUMBER, key_id, now=timezone.now())
        except WrappingError as error:
            raise CommandError(str(error)) from None
        self._say(f"Number key {key_id} is retired. It stays in its table, for backups of before.")

    def _teller(self, what: str, of: int | None) -> "_Teller":
        return _Teller(self._say, what, of)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class _Teller:
    """Say every few pages how far one table has come."""

    def __init__(self, say: Any, what: str, of: int | None) -> None:
        self._say, self._what, self._of, self._pages = say, what, of, 0

    def __call__(self, tally: Tally) -> None:
        self._pages += 1
        if self._pages % _PAGES_TOLD == 1:
            of = f" of {self._of:,}" if self._of is not None else ""
            self._say(f"{self._what}: {tally.moved:,}{of} …")


def _say_nothing(_tally: Tally) -> None:
    """Say nothing."""


_REHASHES = (("Subscriber", rehash_subscribers), ("SignUp", rehash_sign_ups))
