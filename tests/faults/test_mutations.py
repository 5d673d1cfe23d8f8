"""Each safety is held by a test: take it away in a copy of the source, and that test turns red."""

from pathlib import Path

import pytest

from tests.faults.doses import FULL
from tests.faults.mutations import BASE_DIR, MUTATIONS, Mutation, copy_source, try_on
from tests.faults.settling import Note

WANTED = [one for one in MUTATIONS if FULL or one.quick]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_source(tmp_path_factory.mktemp("mutations"))


@pytest.mark.postgres
@pytest.mark.parametrize("mutation", WANTED, ids=lambda one: one.name)
def test_missing_safety_turns_its_test_red(source: Path, mutation: Mutation, note: Note) -> None:
    tried = try_on(source, mutation)
    assert tried.red, tried.said
    note(f"mutation: {mutation.name}", mutation.test.rpartition("::")[2], "red")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_every_mutation_still_finds_its_place(mutation: Mutation) -> None:
    text = (BASE_DIR / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == mutation.places
    file, _, name = mutation.test.partition("::")
    assert f"def {name}" in (BASE_DIR / file).read_text(encoding="utf-8")
