"""The harness itself: the database below the tests, and an environment without the developer's."""

import os
import threading
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from cms.models import MessagePage
from cms.starter.reading import Pack
from tests.conftest import ground
from tests.harness import templates


def test_no_setting_of_the_developer_reaches_a_test() -> None:
    kept = {name for name in os.environ if name.startswith("WAYMARK_")}

    assert kept <= {"WAYMARK_DATA_DIR", "WAYMARK_DATABASE_URL", "WAYMARK_BROKER_URL"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_threads_share_the_test_database() -> None:
    User.objects.create(username="shared")
    seen: list[int] = []

    def count() -> None:
        seen.append(User.objects.filter(username="shared").count())
        connection.close()

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()

    assert seen == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_what_a_real_transaction_leaves_is_gone_below_the_next_test() -> None:
    roles = Group.objects.count()
    Group.objects.all().delete()
    User.objects.create(username="left")

    ground.kind = ""  # as after this test
    ground.lay(templates.MIGRATED)

    assert not User.objects.filter(username="left").exists()
    assert Group.objects.count() == roles > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_starter_pack_lies_below_those_alone_that_ask_for_it() -> None:
    assert not MessagePage.objects.exists()
    ground.lay(templates.LOADED)
    assert MessagePage.objects.exists()


@pytest.mark.database
def test_whoever_asks_for_the_starter_pack_finds_it(starter: Pack) -> None:
    assert MessagePage.objects.filter(key=starter.records["messages"][0].id).exists()


def test_template_is_another_once_what_it_is_made_from_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "BASE_DIR", tmp_path)
    migration, model = tmp_path / "cms/migrations/0001.py", tmp_path / "cms/models.py"
    migration.parent.mkdir(parents=True)
    made = []
    for path, text in ((migration, "one"), (model, "one"), (model, "two"), (migration, "two")):
        path.write_text(text)
        made.append(
            tuple(
                templates._fingerprint.__wrapped__(kind)
                for kind in (templates.MIGRATED, templates.LOADED)
            )
        )
    migrated, loaded = zip(*made, strict=True)

    assert len(set(loaded)) == 4
    assert migrated[0] == migrated[1] == migrated[2] != migrated[3]


def test_command_that_makes_no_template_is_named_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manage.py").write_text("raise SystemExit('no such table')")
    monkeypatch.setattr(templates, "BASE_DIR", tmp_path)

    with pytest.raises(templates.TemplateError, match=r"migrate failed:\n.*no such table"):
        templates.SqliteTemplates(tmp_path).find(templates.MIGRATED)

    assert list(tmp_path.glob("*.sqlite3")) == []
