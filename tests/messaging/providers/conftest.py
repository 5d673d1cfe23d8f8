"""The stage whose sandbox the Twilio adapter speaks to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messaging.sandbox.stage import Stage, open_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with open_stage(tmp_path) as opened:
        yield opened
