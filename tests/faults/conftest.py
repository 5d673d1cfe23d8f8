"""Fixtures of the fault tests: the ground, a rig on it, and the table that a full run writes."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import address_of_test_database
from tests.faults.doses import FULL
from tests.faults.results import Results
from tests.faults.rig import Ground, Rig
from tests.harness.templates import MIGRATED, find_templates


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    """Give all scenarios of a process one nursery and one stand-in."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    template = find_templates().find(MIGRATED)
    server = os.environ.get("TESTS_DATABASE_URL", f"sqlite:{template}")
    with Ground(server, template, environment) as ground:
        yield ground


@pytest.fixture
def rig(ground: Ground, transactional_db: None) -> Iterator[Rig]:
    """Give a test that makes its own people a rig on the test's own database, whichever that is."""
    ground.provider.turn_over()
    yield Rig(address_of_test_database(), ground.provider, ground.nursery)
    ground.nursery.end_all()


@pytest.fixture
def make_rig(ground: Ground) -> Iterator[Callable[[int], Rig]]:
    """Make a rig for so many people; it goes away with the test."""
    with ExitStack() as stack:
        yield lambda people: stack.enter_context(ground.rig(people))


@pytest.fixture(scope="session")
def results() -> Iterator[Results]:
    """Collect what was seen; `make faults` has it written to docs/faults.md."""
    results = Results()
    yield results
    if FULL:
        results.write(some=bool(os.environ.get("TESTS_FAULTS_SOME")))


@pytest.fixture
def note(results: Results, request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Note what a scenario saw: which fault, how much of it, what came of it."""
    began = time.monotonic()
    noted: list[str] = []

    def add(fault: str, dose: str, seen: str) -> None:
        noted.append(fault)
        results.add(fault, dose, seen, time.monotonic() - began)

    yield add
    if not noted:
        add(request.node.name, "?", "FAILED")
