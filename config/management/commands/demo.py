"""`manage.py demo`: the main job in under two minutes, on fictional phones."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from analytics.counting import recount
from analytics.reports import state_table, text_table
from campaigns.approval.approving import ApprovalError, list_standing
from campaigns.drafting.preparing import TextsError
from campaigns.models import Broadcast
from config.demo import DemoError, Step, find_unfinished, follow, open_broadcast
from config.fiction import Crowd, count_people, fill_audience, scale_crowds
from config.progress import Bar
from config.running import RunError, Running, Stack, programs, running_stack, stop_on_signals
from messaging.notifying.templates import TemplateError
from messaging.senders.roster import NoSenderError
from messaging.states import State


class Command(BaseCommand):
    """Broadcast one message to a fictional audience and count what became of it."""

    help = "Send one message to 2,000 fictional subscribers through the sandbox and show a table."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--people",
            type=int,
            default=count_people(),
            help="how many fictional people there should be at least (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError(
                "This is a live deployment. The demonstration is for rehearsals only."
            )
        stop_on_signals()
        # What a deployment keeps elsewhere is of no use between the lines of a demonstration.
        logging.getLogger("waymark.audit").setLevel(logging.WARNING)
        try:
            with _house(self._look_back) as check:
                self._show(check, scale_crowds(options["people"]))
        except KeyboardInterrupt:
            self.stdout.write(
                "\nStopped. `make demo` carries on from here; nobody is sent to twice."
            )
        except (
            RunError,
            DemoError,
            ApprovalError,
            TextsError,
            TemplateError,
            NoSenderError,
        ) as error:
            raise CommandError(str(error)) from None

    def _look_back(self) -> None:
        self._left = find_unfinished(now=timezone.now())

    def _show(self, check: Callable[[], None], crowds: Sequence[Crowd]) -> None:
        started = time.monotonic()
        self.stdout.write("This is a rehearsal: it can reach no real phone.")
        self.stdout.write("Numbers start with +999, a country code assigned to nobody.\n")
        wanted = count_people(crowds)
        bar = Bar("Joining", wanted)
        fill_audience(crowds, now=timezone.now(), tell=bar.show)
        bar.show(wanted)
        bar.end()
        broadcast = open_broadcast(self._left, now=timezone.now())
        self.stdout.write(
            f"“{broadcast.message.title}”, asked for by the partner, approved by "
            f"{len(list_standing(broadcast))} others."
        )
        last = self._follow(broadcast, check, Bar("Sending", wanted))
        recount(broadcast.reference, now=timezone.now())
        self.stdout.write("\n" + text_table(state_table(broadcast.reference)))
        self._sum_up(broadcast, last, seconds=time.monotonic() - started)

    def _follow(self, broadcast: Broadcast, check: Callable[[], None], bar: Bar) -> Step:
        def tell(step: Step) -> None:
            counts = step.counts
            final = counts[State.DELIVERED] + counts[State.READ]
            if step.is_first:
                bar.show(
                    step.total - step.moving,
                    f"the first {step.total} go alone; the others follow once these fared well",
                )
                return
            bar.total = step.total or bar.total
            bar.show(
                step.total - step.moving,
                f"{final} delivered · {counts[State.FAILED]} failed "
                f"· {counts[State.UNKNOWN]} unknown · {counts[State.SUPPRESSED]} stopped",
            )

        last = follow(broadcast, tell=tell, check=check)
        bar.end()
        return last

    def _sum_up(self, broadcast: Broadcast, last: Step, *, seconds: float) -> None:
        self.stdout.write(
            f"\n{last.stops} people replied STOP while it ran: those not yet served count as suppressed.\n"
            "“Unknown” is what nobody can know yet; it is asked about, never sent again.\n"
            f"{last.total} planned in {seconds:.0f} s. `make run` shows it at "
            f"{settings.PUBLIC_URL}/reach/{broadcast.code}/ and the phones at {settings.SANDBOX_URL}/"
        )


@contextlib.contextmanager
def _house(look_back: Callable[[], None]) -> Any:
    """Use the house that runs already, or run one for as long as this takes."""
    if running := running_stack():
        _wait_until_ready(running)
        look_back()
        yield lambda: None
        return

    def prepare() -> None:
        call_command("setup")
        look_back()

    with Stack(prepare=prepare, programs=programs(pace="fast")) as stack:
        yield stack.check


def _wait_until_ready(running: Running | None) -> None:
    while running is not None and not running.is_ready:
        time.sleep(0.2)
        running = running_stack()
    if running is None:
        raise RunError("The house that was starting has stopped. Run `make demo` again.")
