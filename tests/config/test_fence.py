"""`manage.py fence`: the emergency stop."""

from io import StringIO

import pytest
from django.core.management import call_command

from config.rehearsal import ensure_fence
from messaging.models import Fence

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("fence", *words, stdout=out)
    return out.getvalue()


def test_fence_closes_opens_and_says_how_it_is() -> None:
    ensure_fence()
    assert "open" in run()
    assert "closed" in run("close")
    assert not Fence.objects.filter(send_enabled=True).exists()
    assert "closed" in run()
    assert "is open" in run("open")
    assert Fence.objects.count() == 1


def test_missing_fence_counts_as_closed() -> None:
    assert "closed" in run()
