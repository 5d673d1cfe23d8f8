"""Calls to our webhooks: receipts signed as Twilio signs, lost, tripled and shuffled on cue; and worse."""

import asyncio
import base64
import hmac
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.faults.ledger import Entry

CONNECTIONS = 8
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Post:
    """Hold one call, ready to go out."""

    path: str
    signature: str
    body: bytes
    kind: str = _FORM


def sign(url: str, form: dict[str, str], *, secret: str) -> str:
    """Return Twilio's signature of a form for an address."""
    said = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(secret.encode(), said.encode(), "sha1")).decode()


def make_post(url: str, form: dict[str, str], *, secret: str) -> Post:
    """Return a signed call."""
    return Post(urlsplit(url).path, sign(url, form, secret=secret), urlencode(form).encode())


def make_receipt(entry: Entry, word: str, *, secret: str) -> Post:
    """Return one receipt, signed for the address that was given with the message."""
    form = {"MessageSid": entry.sid, "MessageStatus": word, "To": entry.to, "From": entry.sender}
    return make_post(entry.callback, form, secret=secret)


async def send_receipts(
    taken: Sequence[Entry],
    *,
    site: int,
    secret: str,
    words: Sequence[str] = ("sent", "delivered"),
    drop: float = 0.0,
    times: int = 1,
    shuffle: bool = False,
    seed: int = 1,
) -> dict[str, object]:
    """Post receipts to a site on loopback; return how it answered, and how long that took."""
    chance = random.Random(seed)
    posts = [
        make_receipt(entry, word, secret=secret)
        for entry in taken
        for word in words
        for _ in range(times)
        if chance.random() >= drop
    ]
    if shuffle:
        chance.shuffle(posts)
    return await post_all(posts, site)


async def post_all(posts: Iterable[Post], site: int) -> dict[str, Any]:
    """Post everything over a few connections; return the answers' statuses and the slowest hundredth."""
    answers: Counter[str] = Counter()
    took: list[float] = []
    waiting = iter(posts)
    await asyncio.gather(*(_post_on(waiting, site, answers, took) for _ in range(CONNECTIONS)))
    took.sort()
    return {
        "posted": len(took),
        "answers": dict(answers),
        "p99": took[int(len(took) * 0.99)] if took else 0.0,
    }


async def _post_on(
    waiting: Iterator[Post], site: int, answers: Counter[str], took: list[float]
) -> None:
    held: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for post in waiting:
        began = time.perf_counter()
        held = held or await asyncio.open_connection("127.0.0.1", site)
        status, stays = await _exchange(post, *held)
        answers[status] += 1
        took.append(time.perf_counter() - began)
        if not stays:
            held[1].close()
            held = None
    if held is not None:
        held[1].close()


async def _exchange(
    post: Post, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[str, bool]:
    signature = f"X-Twilio-Signature: {post.signature}\r\n" if post.signature else ""
    head = (
        f"POST {post.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {post.kind}\r\n"
        f"{signature}Content-Length: {len(post.body)}\r\n\r\n"
    )
    try:
        writer.write(head.encode("latin-1", "replace") + post.body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = answer.partition("content-length:")[2].split("\r\n", 1)[0].strip()
        if length:
            await reader.readexactly(int(length))
        stays = "connection: close" not in answer and bool(length or " 204 " in answer)
        return answer.split(" ", 2)[1], stays
    except (OSError, asyncio.IncompleteReadError):
        # A body that is refused before it was read to its end.
        return "closed", False
