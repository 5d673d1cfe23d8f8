"""Fixtures of the whole house, for faults and journeys: real processes, on data of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.house import BASE_DIR, House, house_environment, running_house


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up a data folder once: database, starter content, people."""
    folder = tmp_path_factory.mktemp("prepared")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    subprocess.run(
        [sys.executable, "manage.py", "setup"],
        env=environment | {"WAYMARK_DATA_DIR": str(folder)},
        cwd=BASE_DIR,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return folder


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
