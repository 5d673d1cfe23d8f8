"""The shelf: what all processes must know lies in the database, once; the rest in memory."""

import pytest
from django.core.cache import cache

from config.models import Shelved
from config.shelf import Shelf
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.django_db
KEY = "allauth.mfa.totp.used?user=1&code=123456"


def another_process() -> Shelf:
    return Shelf("another", {})


@pytest.mark.database
def test_first_one_keeps_and_every_other_hears_of_it() -> None:
    assert cache.add(KEY, "y", timeout=30)
    assert not cache.add(KEY, "y", timeout=30)
    assert not another_process().add(KEY, "y", timeout=30)
    assert another_process().get(KEY) == "y"


@pytest.mark.database
def test_what_is_set_is_changed_and_removed() -> None:
    cache.set("allauth:rl:x", [3.5, 2.5], 60)
    cache.set("allauth:rl:x", [4.5], 60)
    assert another_process().get("allauth:rl:x") == [4.5]
    assert cache.delete("allauth:rl:x")
    assert not cache.delete("allauth:rl:x")
    assert cache.get("allauth:rl:x", "none") == "none"


def test_what_has_expired_is_gone_and_makes_room() -> None:
    cache.set(KEY, "y", timeout=0)
    wait_until(lambda: cache.get(KEY) is None, seconds=60, what="it has expired")
    assert cache.add(KEY, "z", timeout=30)
    assert cache.get(KEY) == "z"


def test_shelf_clears_itself() -> None:
    mine = another_process()
    mine.set("allauth:old", "y", timeout=0)
    for number in range(50):
        mine.add(f"allauth:{number}", "y", timeout=30)
    assert not Shelved.objects.filter(key="allauth:old").exists()


def test_everything_else_stays_in_memory() -> None:
    cache.set("wagtail_site_root_paths", [1], 30)
    assert cache.get("wagtail_site_root_paths") == [1]
    assert cache.add("something", 1)
    assert cache.delete("something")
    assert not Shelved.objects.exists()


def test_nothing_lies_there_for_ever() -> None:
    with pytest.raises(ValueError, match="an end"):
        cache.set(KEY, "y", timeout=None)
