"""One call, once: what an answer that comes badly means, and that nothing asks a second time."""

import asyncio
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from messaging.providers.http import Answer, Call, Client
from messaging.providers.loop import the_loop, wait_for
from messaging.wire import NotAccepted, SendError, Unclear
from tests.harness.ports import free_port
from tests.messaging.providers import wires
from tests.messaging.providers.wires import Doing, answer, bad_server, read_request

CLIENT = Client(connect=1, total=2)


def ask(url: str, *, method: str = "POST", limit: int = 64 * 1024) -> Answer:
    return CLIENT.call(Call(method, url, {}, b"body" if method == "POST" else None, limit=limit))


def error_of(url: str, *, method: str = "POST") -> SendError:
    with pytest.raises(SendError) as caught:
        ask(url, method=method)
    return caught.value


def test_an_answer_comes_back_whole() -> None:
    with bad_server(answer("201 Created", b'{"sid": 1}', "Retry-After: 4")) as server:
        found = ask(server.url)
        assert (found.status, found.retry_after, found.body) == (201, "4", b'{"sid": 1}')
        assert server.seen[0].endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    "doing",
    [
        wires.close_at_once,
        wires.reset,
        wires.answer_half,
        wires.speak_nonsense,
        wires.answer_ten_megabytes,
        wires.drip,
        wires.answer_nothing,
        answer("200 OK" + " " * 20_000, b""),
        answer("200 OK", b"", "X-Long: " + "x" * 70_000),
        answer("999999 What", b""),
    ],
)
def test_what_goes_wrong_after_the_first_byte_is_unclear_after_one_request(
    doing: Doing, method: str
) -> None:
    with bad_server(doing) as server:
        client = Client(connect=1, total=0.6)
        with pytest.raises(Unclear):
            client.call(Call(method, server.url, {}, b"body" if method == "POST" else None))
        assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_kept_connection_that_is_cut_is_not_asked_again(method: str) -> None:
    requests: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        requests.append(b"first")
        answer("200 OK", b"{}", after="keep-alive")(connection)
        requests.append(read_request(connection))

    with bad_server(serve) as server:
        assert ask(server.url, method=method).status == 200
        assert type(error_of(server.url, method=method)) is Unclear
        assert len(requests) == 2
        assert len(server.seen) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Moved", "308 Moved"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with bad_server(answer("200 OK", b"elsewhere")) as other:
        redirect = answer(status, b"", f"Location: {other.url}/")
        with bad_server(redirect) as server:
            assert ask(server.url).status == int(status[:3])
        assert other.seen == []


def test_a_packed_answer_stays_as_it_came() -> None:
    with bad_server(answer("200 OK", b"\x1f\x8b", "Content-Encoding: gzip")) as server:
        assert ask(server.url).body == b"\x1f\x8b"


def test_an_answer_is_cut_at_its_limit() -> None:
    with bad_server(answer("200 OK", b"x" * 100)) as server:
        assert len(ask(server.url, limit=100).body) == 100
    with bad_server(answer("200 OK", b"x" * 101)) as server, pytest.raises(Unclear):
        ask(server.url, limit=100)


@pytest.mark.parametrize(
    "url",
    [
        "http://[half",
        "http://",
        "no address",
        "",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://nowhere.invalid/",
    ],
)
def test_where_nobody_can_be_reached_nothing_was_accepted(url: str) -> None:
    assert type(error_of(url)) is NotAccepted


def test_a_refused_connection_was_not_accepted() -> None:
    assert type(error_of(f"http://127.0.0.1:{free_port()}/")) is NotAccepted


@pytest.mark.parametrize("doing", [answer("200 OK", b""), wires.close_at_once, wires.reset])
def test_a_failed_handshake_was_not_accepted(doing: Doing) -> None:
    with bad_server(doing) as server:
        assert type(error_of(server.url.replace("http:", "https:"))) is NotAccepted


def test_what_was_escaped_arrives_as_it_was() -> None:
    with bad_server(answer("200 OK", b"")) as server:
        ask(f"{server.url}/a%2Fb?To=%2B999&x=%7E", method="GET")
        assert server.seen[0].startswith(b"GET /a%2Fb?To=%2B999&x=%7E HTTP/1.1")


def test_no_error_tells_the_address() -> None:
    with bad_server(wires.close_at_once) as server:
        error = error_of(f"{server.url}/?To=%2B9990001")
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "999" not in f"{error!r} {error.args}"


def test_many_threads_share_one_loop() -> None:
    with bad_server(answer("200 OK", b"{}")) as server, ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _n: ask(server.url).status, range(64)))
    assert answers == [200] * 64


def test_what_runs_on_the_loop_cannot_wait_for_it() -> None:
    async def wait_inside() -> None:
        wait_for(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="cannot wait"):
        wait_for(wait_inside())


def test_a_forked_process_makes_a_loop_of_its_own() -> None:
    with bad_server(answer("200 OK", b"{}")) as server:
        ask(server.url)
        parents = the_loop()
        child = os.fork()
        if not child:
            fine = the_loop() is not parents and ask(server.url).status == 200
            os._exit(0 if fine else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert ask(server.url).status == 200
