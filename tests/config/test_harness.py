"""The harness itself: a test database that threads share, and an environment without the developer's."""

import os
import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection


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
