"""The broker that needs no server: whole messages only, taken once, and never a full disk."""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from config import broker
from config.broker import clear_folder, use_safe_files
from config.celery import TICKS, app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clear_folder(tmp_path / "broker")
    return tmp_path / "broker"


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    use_safe_files()
    with connect(folder) as connection:
        yield connection


@pytest.fixture
def queue_name() -> str:
    # Kombu remembers for the whole process which queues it has declared.
    return f"wake-{uuid.uuid4()}"


def connect(folder: Path) -> Connection:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    return Connection("filesystem://", transport_options=options)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


def test_message_arrives_once_and_leaves_nothing_behind(
    connection: Connection, folder: Path, queue_name: str
) -> None:
    with connection.SimpleQueue(queue_name) as queue:
        queue.put({"id": "a"})
        message = queue.get(block=False)
        message.ack()

        assert message.payload == {"id": "a"}
        with pytest.raises(Empty):
            queue.get(block=False)
    assert files_in(folder) == []


def test_messages_arrive_in_order(connection: Connection, queue_name: str) -> None:
    with connection.SimpleQueue(queue_name) as queue:
        for number in range(20):
            queue.put({"n": number})

        assert [queue.get(block=False).payload["n"] for _ in range(20)] == list(range(20))


def test_half_written_file_is_not_a_message_yet(
    connection: Connection, folder: Path, queue_name: str
) -> None:
    (folder / f"00000000000000000001_x.{queue_name}.part").write_text("")

    with connection.SimpleQueue(queue_name) as queue, pytest.raises(Empty):
        queue.get(block=False)


def test_readers_and_writers_at_once_lose_and_double_nothing(
    connection: Connection, folder: Path, queue_name: str
) -> None:
    seen: list[int] = []
    written = threading.Event()

    def read() -> None:
        with connect(folder) as own, own.SimpleQueue(queue_name) as queue:
            while True:
                finished = written.is_set()
                try:
                    message = queue.get(block=False)
                except Empty:
                    if finished:
                        return
                    continue
                message.ack()
                seen.append(message.payload["n"])

    readers = [threading.Thread(target=read) for _ in range(2)]
    with connection.SimpleQueue(queue_name) as queue:
        for reader in readers:
            reader.start()
        for number in range(300):
            queue.put({"n": number})
        written.set()
        for reader in readers:
            reader.join(timeout=60)

    assert sorted(seen) == list(range(300))


def test_folder_that_nobody_reads_stops_growing(
    connection: Connection, folder: Path, queue_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "FULL", 10)

    with connection.SimpleQueue(queue_name) as queue:
        for number in range(50):
            queue.put({"n": number})

    assert len(files_in(folder)) <= 10


def test_tick_expires_before_the_next_one() -> None:
    entries = app.conf.beat_schedule.values()

    assert {entry["task"] for entry in entries} == set(TICKS)
    assert all(entry["options"]["expires"] <= entry["schedule"] for entry in entries)


def test_exchange_that_is_being_written_leads_nowhere_and_harms_nobody(
    connection: Connection, folder: Path
) -> None:
    (folder / "control" / "wake.exchange").write_text("")

    channel = connection.channel()

    assert isinstance(channel, broker.Channel)
    assert channel.get_table("wake") == []
