"""What the tests of the catalogues share."""

from pathlib import Path

import pytest

from config.catalogs import catalog_path, collect_messages, update_catalog
from tests.config.catalogs import edit, make_project, translate
from tests.config.signing import COUNTER


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def french(project: Path) -> Path:
    """Return the path of a French catalogue that is complete."""
    path = catalog_path(project / "locales", "fr")
    update_catalog(path, "fr", collect_messages(project, ["cms"]))
    edit(path, translate)
    return path


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the half minute of a sign-in code not end before the test does."""
    counters = "allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time"
    monkeypatch.setattr(counters, lambda: iter([COUNTER]))
