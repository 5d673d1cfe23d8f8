"""Readers and publishers at the same moment: nobody is ever left with what has been taken back."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from cms.models import ContentVersion, Source, StoredAnswer
from cms.publishing import storing
from cms.reader import tracing
from cms.reader.tracing import Kind
from tests.publishing import addresses

pytestmark = pytest.mark.database
ONE, KEY = "/en/one/", "RACE-1"


class Reading:
    """A view that waits between reading the content and answering."""

    def __init__(self) -> None:
        self.has_read, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, request: HttpRequest, **_: Any) -> HttpResponse:
        tracing.describe(Kind.PLAIN, language="en", title="One")
        source = Source.objects.get(key=KEY)
        tracing.use(f"source:{source.pk}")
        words = source.publisher
        self.has_read.set()
        assert self.may_answer.wait(60)
        return HttpResponse(f"<main>{words}</main>")


@pytest.fixture
def source(transactional_db: None) -> Source:
    return Source.objects.create(key=KEY, publisher="Old", title="T", kind="ngo", mark="A")


@pytest.fixture
def reading(source: Source, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Reading:
    settings.ROOT_URLCONF = "tests.publishing.addresses"
    view = Reading()
    pattern = next(one for one in addresses.urlpatterns if one.pattern.match("en/one/"))
    monkeypatch.setattr(pattern, "callback", view)
    return view


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def read() -> str:
    return Client().get(ONE).content.decode()


def test_what_was_read_before_a_change_is_not_stored_after_it(
    reading: Reading, source: Source
) -> None:
    reader = in_thread(read)
    assert reading.has_read.wait(60)

    source.publisher = "New"
    source.save()
    reading.may_answer.set()
    reader.join()

    assert not StoredAnswer.objects.filter(is_stale=False).exists()
    assert "New" in read()


def test_what_is_stored_while_a_change_is_under_way_is_stale_after_it(
    reading: Reading, source: Source
) -> None:
    reading.may_answer.set()
    with transaction.atomic():
        source.publisher = "New"
        source.save()
        # A writer on SQLite lets nobody else store; on PostgreSQL the old text is stored now.
        in_thread(read).join()

    assert not StoredAnswer.objects.filter(is_stale=False).exists()
    assert "New" in read()
    assert "New" in read()


def test_change_that_is_taken_back_leaves_what_is_stored_right(
    reading: Reading, source: Source
) -> None:
    reading.may_answer.set()
    read()
    with transaction.atomic():
        source.publisher = "New"
        source.save()
        transaction.set_rollback(True)

    assert StoredAnswer.objects.get().is_stale is False
    assert "Old" in read()


def test_version_counts_once_for_a_transaction(source: Source) -> None:
    storing.count_up()
    before = ContentVersion.objects.get().number

    with transaction.atomic():
        for words in ("One", "Two"):
            source.publisher = words
            source.save()

    assert ContentVersion.objects.get().number == before + 1


def test_two_publishers_of_the_same_pages_do_not_wait_for_each_other(source: Source) -> None:
    for number in range(30):
        answer = storing.Answer("plain", "en", "", "e", "text/html", {}, b"x")
        noted = storing.Noted(storing.content_version(), {"a", "b"}, None, "")
        packed = storing.pack(b"x")
        assert storing.keep(f"/en/{number}/", answer, noted, packed=packed, now=timezone.now())
    faults: list[BaseException] = []

    def mark(token: str) -> None:
        try:
            for _turn in range(5):
                with transaction.atomic():
                    storing.mark_stale({token})
                StoredAnswer.objects.filter(pk__gt=0).update(is_stale=False)
        except Exception as fault:  # noqa: BLE001 - a deadlock, among others
            faults.append(fault)

    threads = [in_thread(lambda token=token: mark(token)) for token in ("a", "b")]  # type: ignore[misc]
    for thread in threads:
        thread.join()

    assert faults == []
