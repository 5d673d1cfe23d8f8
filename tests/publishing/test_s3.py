"""S3 as a host, beside a real S3 API: what is written, what is refused, and who else is writing."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from cms.publishing import s3
from cms.publishing.artefacts import Artefact, compress_at_host
from cms.publishing.compressing import expand
from cms.publishing.delivering import Delivered, HostError, Unfinished, deliver
from cms.publishing.leasing import LASTS, LEASE
from cms.publishing.manifest import NAME
from cms.publishing.s3 import Bucket, S3Host, open_client
from tests.harness.ports import free_port
from tests.publishing.buckets import BUCKET, KEYS, Faulty, name_keys, refusal, s3_server
from tests.publishing.sites import HTML, SMALL, dead_links, files, page, say_nothing
from tests.publishing.test_folder import CHANGED

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_server() as address:
        name_keys(patch)
        patch.setattr(s3, "ATTEMPTS", 1)
        yield address


@pytest.fixture(scope="module")
def opened(address: str) -> Any:
    return open_client(address, alone=True)


@pytest.fixture
def client(opened: Any) -> Iterator[Any]:
    """Return a client of an S3 that has one empty bucket."""
    opened.create_bucket(Bucket=BUCKET)
    yield opened
    for key in held(opened):
        opened.delete_object(Bucket=BUCKET, Key=key)
    opened.delete_bucket(Bucket=BUCKET)


def host_of(client: Any, *, now: datetime = NOW, prefix: str = "") -> S3Host:
    return S3Host(Bucket(BUCKET, prefix), client=client, clock=lambda: now)


def publish(client: Any, pages: dict[str, bytes], *, prefix: str = "") -> Delivered:
    host = host_of(client, prefix=prefix)
    return deliver(lambda: files(pages, bare=True), host, tell=say_nothing)


def held(client: Any) -> dict[str, bytes]:
    rows = client.list_objects_v2(Bucket=BUCKET).get("Contents", ())
    return {
        row["Key"]: client.get_object(Bucket=BUCKET, Key=row["Key"])["Body"].read() for row in rows
    }


def put(client: Any, key: str, text: str) -> None:
    client.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def test_objects_say_what_they_are(client: Any) -> None:
    publish(client, SMALL)

    for key in ("index.html", "en/road/index.html", "r/abc"):
        head = client.head_object(Bucket=BUCKET, Key=key)
        assert head["ContentType"] == HTML
        assert head["CacheControl"] == "public, max-age=300"
        assert head["ContentLanguage"] == "en"
    assert dead_links(held(client)) == []
    assert LEASE not in held(client)


def test_compressed_objects_say_so(client: Any) -> None:
    packed = [new for file in files(SMALL) for new in compress_at_host(file, beside=False)]
    deliver(lambda: packed, host_of(client), tell=say_nothing)

    found = client.get_object(Bucket=BUCKET, Key="index.html")
    assert found["ContentEncoding"] == "gzip"
    assert b"Languages" in expand(found["Body"].read())


def test_second_run_writes_nothing_and_a_change_only_its_pages(client: Any) -> None:
    first = publish(client, SMALL)
    before = client.list_objects_v2(Bucket=BUCKET)["Contents"]
    second = publish(client, SMALL)
    after = client.list_objects_v2(Bucket=BUCKET)["Contents"]
    third = publish(client, CHANGED)

    assert (first.written, second.written, second.deleted) == (8, 0, 0)
    assert [row["LastModified"] for row in after] == [row["LastModified"] for row in before]
    assert (third.written, third.deleted) == (4, 3)
    assert dead_links(held(client)) == []


def test_site_may_be_in_a_folder_of_the_bucket(client: Any) -> None:
    put(client, "other/page.html", "mine")
    put(client, "sites-of-others", "mine")
    publish(client, SMALL, prefix="sites/readers")

    assert {"sites/readers/index.html", "other/page.html"} < set(held(client))
    publish(client, {"/": page("Only this")}, prefix="sites/readers")
    assert set(held(client)) == {
        *("sites/readers/index.html", "sites/readers/404.html", f"sites/readers/{NAME}"),
        *("other/page.html", "sites-of-others"),
    }


def test_bucket_of_somebody_else_is_refused_and_a_stray_object_stays(client: Any) -> None:
    put(client, "thesis.txt", "mine")
    with pytest.raises(HostError, match=r"did not write \(thesis\.txt\)"):
        publish(client, SMALL)
    assert set(held(client)) == {"thesis.txt"}
    client.delete_object(Bucket=BUCKET, Key="thesis.txt")

    publish(client, SMALL)
    put(client, "en/road/risks/mine.txt", "mine")
    publish(client, CHANGED)

    assert held(client)["en/road/risks/mine.txt"] == b"mine"


# ---- Refused half-way --------------------------------------------------------------------------

REFUSALS = [
    lambda: refusal("AccessDenied", 403),
    lambda: refusal("InternalError", 500),
    lambda: refusal("SlowDown", 503),
    lambda: ReadTimeoutError(endpoint_url="http://x"),
    lambda: EndpointConnectionError(endpoint_url="http://x"),
]


@pytest.mark.parametrize("at", range(7))
@pytest.mark.parametrize("pages", [SMALL, CHANGED])
def test_run_refused_at_any_object_leaves_no_dead_link_and_the_next_one_finishes(
    client: Any, at: int, pages: dict[str, bytes]
) -> None:
    if pages is CHANGED:
        publish(client, SMALL)
    faulty = Faulty(client, at=at, error=REFUSALS[at % len(REFUSALS)])
    dead: list[list[str]] = []
    faulty.seen = lambda: dead.append(dead_links(held(client)))
    with pytest.raises(Unfinished, match=r"What was live before is whole"):
        publish(faulty, pages)

    assert dead
    assert not any(dead)
    assert dead_links(held(client)) == []
    assert LEASE not in held(client)
    publish(client, pages)
    assert dead_links(held(client)) == []
    assert set(held(client)) == {NAME, *(file.key for file in files(pages, bare=True))}


def test_refusal_says_how_many_are_missing_and_why(client: Any) -> None:
    with pytest.raises(Unfinished) as caught:
        publish(Faulty(client, at=0, error=lambda: refusal("AccessDenied", 403)), SMALL)

    assert str(caught.value).startswith("8 of 8 files were not written: ")
    assert "and 3 more" in str(caught.value)
    assert "no permission for that in the bucket readers (AccessDenied)" in str(caught.value)
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in str(caught.value)


def test_answer_that_was_lost_is_no_second_publisher(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first attempt came through, its answer did not, and the second one meets its own object."""
    host, real = host_of(client), client.put_object

    def put_twice(**words: Any) -> Any:
        real(**words)
        return real(**words)

    monkeypatch.setattr(client, "put_object", put_twice)

    assert deliver(lambda: files(SMALL, bare=True), host, tell=say_nothing).written == 8


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "there are no keys. Set AWS_ACCESS_KEY_ID"),
        (refusal("InvalidAccessKeyId", 403), "S3 does not accept these keys"),
        (refusal("PermanentRedirect", 301), "in another region: set AWS_DEFAULT_REGION"),
        (refusal("NotImplemented", 501), "does not know conditional writes"),
        (refusal("TeapotError", 418), "S3 answered 418 (TeapotError)"),
        (ConnectTimeoutError(endpoint_url="http://hush"), "S3 did not answer in time"),
    ],
)
def test_every_refusal_is_said_in_words(
    client: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refuse(**_: Any) -> Any:
        raise error

    monkeypatch.setattr(client, "put_object", refuse)
    with pytest.raises(HostError) as caught:
        publish(client, SMALL)

    assert said in str(caught.value)
    assert "hush" not in str(caught.value)


def test_bucket_that_is_not_there_is_named(client: Any) -> None:
    host = S3Host(Bucket("nowhere"), client=client, clock=lambda: NOW)

    with pytest.raises(HostError, match="there is no bucket named nowhere"):
        deliver(list, host, tell=say_nothing)


def test_server_that_is_not_there_or_never_answers_is_waited_for_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name_keys(monkeypatch)
    monkeypatch.setattr(s3, "READ_SECONDS", 1)
    monkeypatch.setattr(s3, "ATTEMPTS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (free_port(), silent.getsockname()[1]):
            client = open_client(f"http://127.0.0.1:{port}", alone=True)
            started = time.monotonic()
            with pytest.raises(HostError, match="S3 did not answer in time"):
                publish(client, SMALL)
            # Two tries of a second; two of those 20 seconds that are usual would be longer.
            assert time.monotonic() - started < 35


# ---- Two publishers ----------------------------------------------------------------------------


def test_second_publisher_is_told_that_there_is_a_first_and_until_when(client: Any) -> None:
    with host_of(client).locked(), pytest.raises(HostError, match=r"runs out at 12:05 UTC"):
        publish(client, SMALL)

    assert publish(client, SMALL).written == 8


def test_lease_of_a_publisher_that_died_runs_out(client: Any) -> None:
    host_of(client)._lease.take()

    late = host_of(client, now=NOW + LASTS + timedelta(seconds=1))
    assert deliver(lambda: files(SMALL, bare=True), late, tell=say_nothing).written == 8


def test_publisher_that_was_overtaken_stops(client: Any) -> None:
    """Its lease ran out while it slept; the one who came after it keeps the lease and the list."""
    times = [NOW]
    slow = S3Host(Bucket(BUCKET), client=client, clock=lambda: times[0])

    def sleep_long() -> list[Artefact]:
        times[0] = NOW + timedelta(hours=1)
        host = host_of(client, now=times[0])
        host._lease.take()
        return files(SMALL, bare=True)

    with pytest.raises((HostError, Unfinished), match="Another publish_site"):
        deliver(sleep_long, slow, tell=say_nothing)

    assert LEASE in held(client)
    assert "index.html" not in held(client)


def test_long_run_renews_its_lease(client: Any) -> None:
    times = [NOW]
    host = S3Host(Bucket(BUCKET), client=client, clock=lambda: times[0])

    def take_long() -> list[Artefact]:
        for minute in range(30):
            times[0] = NOW + timedelta(minutes=minute)
            host.hold()
        with pytest.raises(HostError, match=r"runs out at 12:34 UTC"):
            deliver(list, host_of(client, now=times[0]), tell=say_nothing)
        return files(SMALL, bare=True)

    assert deliver(take_long, host, tell=say_nothing).written == 8


def test_list_that_somebody_else_replaced_is_not_replaced_again(client: Any) -> None:
    publish(client, SMALL)
    host = host_of(client)

    def replace() -> list[Artefact]:
        put(client, NAME, "{}")
        return files(CHANGED, bare=True)

    with pytest.raises(HostError, match="has written here meanwhile"):
        deliver(replace, host, tell=say_nothing)
    assert held(client)[NAME] == b"{}"
    assert "en/new/index.html" not in held(client)


def test_of_two_at_once_one_writes(client: Any) -> None:
    barrier = Barrier(2)
    outcomes: list[object] = []

    def gather() -> list[Artefact]:
        time.sleep(1)
        return files(SMALL, bare=True)

    def run() -> None:
        host = host_of(client)
        barrier.wait()
        try:
            outcomes.append(deliver(gather, host, tell=say_nothing).written)
        except HostError as error:
            outcomes.append(str(error))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 8 in outcomes
    assert sum("Another publish_site" in str(outcome) for outcome in outcomes) == 1


# ---- A rehearsal -------------------------------------------------------------------------------


def test_client_of_a_rehearsal_asks_nobody_for_keys_and_no_proxy(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without keys in the environment, boto would ask the machine's metadata address for some."""
    name_keys(monkeypatch)
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    asked: list[object] = []
    real = socket.socket.connect

    def connect(self: socket.socket, where: Any) -> None:
        asked.append(where[0])
        real(self, where)

    monkeypatch.setattr(socket.socket, "connect", connect)
    client = open_client(address, alone=True)
    with pytest.raises(HostError, match="there are no keys"):
        deliver(list, host_of(client), tell=say_nothing)
    assert asked == []

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    client = open_client(address, alone=True)
    with pytest.raises(HostError, match="no bucket named"):
        deliver(list, S3Host(Bucket("nowhere"), client=client, clock=lambda: NOW), tell=say_nothing)
    assert set(asked) == {"127.0.0.1"}
