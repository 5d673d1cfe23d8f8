"""The mutations: edits that take one safety away, each with the test that must notice.

`python -m tests.faults.mutations NAME` tries one and prints what its test said.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.harness.templates import store

BASE_DIR = Path(__file__).resolve().parent.parent.parent
_LEFT_OUT = {".venv", ".git", "var", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
# Whoever has Django's settings named reads them before tests/conftest.py can say where the data is.
_OURS = ("WAYMARK_", "PYTEST_", "DJANGO_")


@dataclass(frozen=True, slots=True)
class Mutation:
    """Hold one edit of a file (`old` becomes `new`, in all `places`), and the test that must turn red."""

    name: str
    file: str
    old: str
    new: str
    test: str
    postgres: bool = False
    places: int = 1
    # Tried in every `make test`; the others in `make faults`.
    quick: bool = False


MUTATIONS = (
    Mutation(
        "no lock on the subscriber",
        "messaging/sending/gate.py",
        "ORDER BY s.id FOR NO KEY UPDATE",
        "ORDER BY s.id",
        "tests/messaging/test_races.py::test_an_opt_out_waits_for_a_submit_that_is_past_its_consent_check",
        postgres=True,
        quick=True,
    ),
    Mutation(
        "submit of a batch that does not run",
        "messaging/sending/gate.py",
        "WHERE b.state = 'running' AND b.text_valid_until",
        "WHERE b.text_valid_until",
        "tests/messaging/test_dispatch.py::test_a_pause_after_the_claim_gives_the_message_back",
    ),
    Mutation(
        "receipts without a rank",
        "messaging/receiving/receipts.py",
        "d.rank < told.rank",
        "0 < told.rank",
        "tests/messaging/test_receipts.py::test_a_late_sent_does_not_undo_a_delivery",
        places=5,
    ),
    Mutation(
        "what is unclear is sent again",
        "messaging/sending/record.py",
        "if isinstance(outcome.error, NotAccepted):",
        "if not isinstance(outcome.error, Refused):",
        "tests/messaging/test_outcomes.py::test_a_lost_answer_is_unknown_and_never_sent_again",
        quick=True,
    ),
    Mutation(
        "a call that is tried twice",
        "messaging/providers/http.py",
        "            return await self._exchange(call, _read_url(call.url))\n        except _NotConnected:",
        "            try:\n"
        "                return await self._exchange(call, _read_url(call.url))\n"
        "            except TimeoutError:\n"
        "                return await self._exchange(call, _read_url(call.url))\n"
        "        except _NotConnected:",
        "tests/messaging/providers/test_calls.py"
        "::test_answer_that_takes_too_long_is_unclear_after_one_request",
    ),
    Mutation(
        "every signature is right",
        "messaging/providers/twilio_signing.py",
        'raise BadSignature("no secret of ours made this signature")',
        "return",
        "tests/messaging/test_webhooks.py::test_a_signature_of_another_text_is_refused",
        quick=True,
    ),
    Mutation(
        "two deliveries of one batch to one person",
        "messaging/migrations/0001_initial.py",
        "models.UniqueConstraint(fields=('batch', 'subscriber'), name='one_delivery')",
        "models.UniqueConstraint(fields=('batch', 'subscriber', 'id'), name='one_delivery')",
        "tests/messaging/test_planning.py",
    ),
    Mutation(
        "two occurrences of one time",
        "campaigns/migrations/0001_initial.py",
        "models.UniqueConstraint(fields=('broadcast', 'occurs_at'), name='one_occurrence')",
        "models.UniqueConstraint(fields=('broadcast', 'occurs_at', 'id'), name='one_occurrence')",
        "tests/campaigns/test_scheduling.py::test_many_tickers_make_one_occurrence_and_one_batch",
        postgres=True,
    ),
    Mutation(
        "commits that a crash forgets",
        "config/env.py",
        "-c synchronous_commit=on",
        "-c synchronous_commit=off",
        "tests/faults/test_services.py"
        "::test_postgresql_that_crashes_forgets_nothing_and_nothing_goes_out_twice",
        postgres=True,
    ),
    Mutation(
        "submit of what another has claimed",
        "messaging/sending/gate.py",
        "owner = %s",
        "owner <> %s",
        "tests/messaging/test_dispatch.py"
        "::test_a_claim_of_somebody_else_is_neither_sent_nor_touched",
        # Asked when they are judged and once more when they are written: both go.
        places=3,
    ),
    Mutation(
        "submit after the lease",
        "messaging/sending/gate.py",
        "AND lease_until > {dialect.now()} AND send_before",
        "AND send_before",
        "tests/messaging/test_dispatch.py::test_a_claim_whose_lease_is_over_is_not_sent",
    ),
    Mutation(
        "no guard of five seconds",
        "messaging/sending/flight.py",
        "LONGEST_PAUSE = 5.0",
        "LONGEST_PAUSE = 5e9",
        "tests/messaging/test_dispatch.py::test_a_process_that_slept_after_its_commit_does_not_send",
        quick=True,
    ),
    Mutation(
        "a fence that holds nobody",
        "messaging/sending/gate.py",
        "WHERE f.send_enabled AND f.epoch = %s",
        "WHERE f.epoch = %s",
        "tests/messaging/test_dispatch.py"
        "::test_a_fence_that_closed_after_the_claim_gives_the_message_back",
    ),
    Mutation(
        "a fence of any epoch",
        "messaging/sending/gate.py",
        "WHERE f.send_enabled AND f.epoch = %s",
        "WHERE f.send_enabled AND (f.epoch = %s OR 1 = 1)",
        "tests/messaging/test_dispatch.py"
        "::test_a_fence_of_another_epoch_after_the_claim_gives_the_message_back",
    ),
    Mutation(
        "SQLite that does not queue its writers",
        "config/env.py",
        '"transaction_mode": "IMMEDIATE"',
        '"transaction_mode": "DEFERRED"',
        "tests/faults/test_two_threads.py",
    ),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """Hold how a test took a mutation."""

    red: bool
    said: str


def copy_source(folder: Path) -> Path:
    """Copy the source, without what is made from it."""
    target = folder / "source"
    shutil.copytree(
        BASE_DIR,
        target,
        ignore=lambda _folder, names: [name for name in names if name in _LEFT_OUT],
    )
    return target


def try_on(source: Path, mutation: Mutation) -> Tried:
    """Make the edit in a copy, run its test there, and put the file back."""
    path = source / mutation.file
    before = path.read_text(encoding="utf-8")
    assert before.count(mutation.old) == mutation.places, (
        f"{mutation.name}: {before.count(mutation.old)} places in {mutation.file} to edit"
    )
    path.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutation.test],
            cwd=source,
            env=_environment(postgres=mutation.postgres),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    finally:
        path.write_text(before, encoding="utf-8")
    # Red is a test that failed: not one that was not found, was skipped, or could not be collected.
    return Tried(done.returncode == 1 and " failed" in done.stdout, done.stdout[-3000:])


def _environment(*, postgres: bool) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    environment["TESTS_TEMPLATES"] = str(store())
    environment.pop("TESTS_FAULTS", None)
    if not postgres:
        environment.pop("TESTS_DATABASE_URL", None)
    return environment


def main(words: list[str]) -> int:
    """Try the mutations of these names, or all of them."""
    wanted = [one for one in MUTATIONS if not words or one.name in words]
    green = []
    with tempfile.TemporaryDirectory(prefix="waymark-mutations-") as folder:
        source = copy_source(Path(folder))
        for one in wanted:
            tried = try_on(source, one)
            print(f"{'red  ' if tried.red else 'GREEN'}  {one.name}", flush=True)
            if not tried.red:
                green.append(one.name)
                print(tried.said)
    return len(green)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
