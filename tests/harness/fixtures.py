"""Fixtures of the whole house, for faults and journeys: real processes, on data of their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.house import House, house_environment, running_house
from tests.harness.templates import SqliteTemplates, store


@pytest.fixture(scope="session")
def prepared_data() -> Path:
    """Return a data folder to copy: its database is set up, with starter content and people."""
    return SqliteTemplates(store()).find_folder()


@pytest.fixture
def house_settings(
    child_environment: dict[str, str], prepared_data: Path, tmp_path: Path
) -> dict[str, str]:
    """Return the environment of a house that is set up already: SQLite, own ports, own folder."""
    folder = tmp_path / "house"
    shutil.copytree(prepared_data, folder)
    return house_environment(child_environment) | {"WAYMARK_DATA_DIR": str(folder)}


@pytest.fixture
def house(house_settings: dict[str, str]) -> Iterator[House]:
    """Run the whole house for one test."""
    with running_house(house_settings) as house:
        yield house
