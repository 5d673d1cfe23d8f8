"""What every test stands on: settings of a rehearsal in a throw-away folder, and a database of its own.

The suite runs on SQLite. `tests/run.py` starts PostgreSQL and Redis and runs the tests marked
`database`, `postgres` and `redis` again, naming both in TESTS_DATABASE_URL and TESTS_BROKER_URL.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import django
import pytest

BASE_DIR = Path(__file__).resolve().parent.parent


def _prepare_environment() -> Path:
    # Nothing of the developer's own deployment may reach a test, so every WAYMARK_ variable goes.
    for name in [name for name in os.environ if name.startswith("WAYMARK_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="waymark-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["WAYMARK_DATA_DIR"] = str(folder)
    if database := os.environ.get("TESTS_DATABASE_URL"):
        os.environ["WAYMARK_DATABASE_URL"] = database
    if broker := os.environ.get("TESTS_BROKER_URL"):
        # Of several processes (gw0, gw1, ...) each has a database of its own on the one Redis.
        number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        os.environ["WAYMARK_BROKER_URL"] = f"{broker.rpartition('/')[0]}/{number}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return folder


# The settings are read once, so their environment comes before the first of our imports.
DATA_DIR = _prepare_environment()
django.setup()

from celery.signals import before_task_publish  # noqa: E402
from django.conf import settings as loaded_settings  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402
from wagtail.models import Locale, Page  # noqa: E402

from cms.starter.reading import Pack, read_pack  # noqa: E402
from config.celery import app as celery_app  # noqa: E402
from messaging.receiving import refusals  # noqa: E402
from tests.harness import signing_in, templates  # noqa: E402

pytest_plugins = ["tests.harness.fixtures"]

if "WAYMARK_BROKER_URL" not in os.environ:
    # Wake-ups stay in this process: what they would wake is called by the tests themselves.
    celery_app.conf.update(broker_url="memory://", broker_transport_options={})

# A machine that is busy with other tests makes no example wrong.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

# Counted when a test asks for it, not whenever five seconds are over.
refusals.EVERY = float("inf")

signing_in.count_force_as_factor()

# To make a password hard to guess takes longer than most tests.
loaded_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The day the starter pack was written, so that no test grows stale with its dates.
PACK_DAY = date(2026, 11, 21)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this run's database or broker cannot say anything about.

    Tests on the starter pack come last: what lies below the tests is then changed once.
    """
    items.sort(key=lambda item: "starter" in getattr(item, "fixturenames", ()))
    needs = {
        "postgres": ("TESTS_DATABASE_URL", "means something on PostgreSQL only: use `make test`"),
        "redis": ("TESTS_BROKER_URL", "needs a Redis broker: use `make test`"),
    }
    for item in items:
        for marker, (variable, reason) in needs.items():
            if marker in item.keywords and not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=reason))


# ---- The database below the tests --------------------------------------------------------------


class Ground:
    """What lies in the database below every test that rolls back; `kind` is "" after one that did not."""

    kind = ""

    def __init__(self) -> None:
        self.templates = templates.find_templates()

    def lay(self, kind: str) -> None:
        """Put this template below the next test, if it is not there already."""
        if self.kind != kind:
            self.templates.restore(kind, connection)
            self.kind = kind
            # Nobody tells these that the database is another one.
            ContentType.objects.clear_cache()
            for held in caches.all():
                held.clear()


ground = Ground()


def _leave_no_ground(_case: TransactionTestCase) -> None:
    ground.kind = ""


# Not Django's flush: it leaves a database that no migration has ever made, and triggers refuse it.
TransactionTestCase._fixture_teardown = _leave_no_ground  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Begin with a migrated database; SQLite's is a file, so that threads and processes share it."""
    found = ground.templates.find(templates.MIGRATED)
    for database in (connections["default"].settings_dict, loaded_settings.DATABASES["default"]):
        held = database.setdefault("TEST", {})
        if not database["ENGINE"].endswith("sqlite3"):
            held["TEMPLATE"] = found
            continue
        held["NAME"] = str(DATA_DIR / "test.sqlite3")
        shutil.copy(found, held["NAME"])
        # A test's data may be lost in a power cut; the rest stays as in production.
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("=FULL", "=OFF")
    ground.kind = templates.MIGRATED


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Take SQLite's file as it was laid; it goes away with its folder."""
    return connection.vendor == "sqlite"


@pytest.fixture
def _right_ground(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> None:
    wanted = templates.LOADED if "starter" in request.fixturenames else templates.MIGRATED
    with django_db_blocker.unblock():
        ground.lay(wanted)


@pytest.fixture
def _django_db_helper(_right_ground: None, _django_db_helper: None) -> None:
    """Begin a test's transaction on the ground that it asks for."""


@pytest.fixture(autouse=True)
def _speak_english() -> Iterator[None]:
    """Let no test leave the language of its last request to the next one."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def pack() -> Pack:
    return read_pack()


@pytest.fixture
def page_root(db: None) -> None:
    """Promise Wagtail's root page, below which everything stands."""
    if Page.get_first_root_node() is None:
        Locale.objects.get_or_create(language_code="en")
        Page.add_root(title="Root", slug="root")


@pytest.fixture
def starter(page_root: None, pack: Pack) -> Pack:
    """Give a test the loaded starter pack, which lies below it."""
    return pack


@pytest.fixture
def data_dir(tmp_path: Path, settings: Any) -> Path:
    """Return a data folder of this test's own, with the settings pointing at it."""
    settings.DATA_DIR = tmp_path
    settings.BROKER_DIR = tmp_path / "broker"
    return tmp_path


@pytest.fixture
def wake_ups() -> Iterator[list[str]]:
    """Collect the names of the tasks that this test's code sends, in order."""
    sent: list[str] = []

    def note(sender: str, **_: Any) -> None:
        sent.append(sender)

    before_task_publish.connect(note, weak=False)
    yield sent
    before_task_publish.disconnect(note)


@pytest.fixture
def child_environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment for a child process: settings of its own, in a folder of its own.

    Where the test asks for `transactional_db`, the child shares the test's database.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    environment |= {"WAYMARK_DATA_DIR": str(tmp_path), "PYTHONPATH": str(BASE_DIR)}
    if broker := os.environ.get("WAYMARK_BROKER_URL"):
        environment["WAYMARK_BROKER_URL"] = broker
    if "transactional_db" in request.fixturenames:
        request.getfixturevalue("transactional_db")
        environment["WAYMARK_DATABASE_URL"] = address_of_test_database()
    return environment


def address_of_test_database() -> str:
    """Return the address by which another process finds this one's test database."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:{held['NAME']}"
    server = f"{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT']}"
    return f"postgres://{server}/{held['NAME']}"
