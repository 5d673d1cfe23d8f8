"""The sign-in codes of a rehearsal's people, as an app on their phones would show them.

The secrets are those of made-up people on this machine; they lie beside their passwords, in a file
that its owner alone can read. A live deployment has neither the file nor this server.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from html import escape
from pathlib import Path

from aiohttp import web

from messaging.sandbox.layout import answer_page, answer_part

# RFC 6238 with what every app assumes: SHA-1, half a minute, six digits.
PERIOD = 30
_DIGITS = 6


class Codes:
    """Show who may sign in with which code at this moment."""

    def __init__(self, sign_ins: Path, clock: Callable[[], float]) -> None:
        self._sign_ins = sign_ins
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the one route."""
        return [web.get("/codes", self.show)]

    async def show(self, http: web.Request) -> web.Response:
        """Show everybody's code."""
        listed = _show_codes(read_secrets(self._sign_ins), self._clock())
        if "part" in http.query:
            return answer_part(listed)
        content = f'<div data-live aria-live="polite">{listed}</div>'
        header = '<p><a href="/">← All phones</a></p><h1>Sign-in codes</h1>'
        return answer_page("Sign-in codes – sandbox", header, content)


def make_code(secret: str, moment: float) -> str:
    """Return the code of a secret (base32) at a moment in seconds (RFC 6238)."""
    counter = int(moment) // PERIOD
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.digest(key, counter.to_bytes(8, "big"), hashlib.sha1)
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def read_secrets(sign_ins: Path) -> dict[str, str]:
    """Return the secrets of a rehearsal's people by e-mail; none before its first run."""
    if not sign_ins.exists():
        return {}
    held = json.loads(sign_ins.read_text())
    return {email: entry["secret"] for email, entry in held.items() if isinstance(entry, dict)}


def _show_codes(secrets: dict[str, str], moment: float) -> str:
    if not secrets:
        return '<p class="empty">Nobody can sign in yet: run the site first.</p>'
    left = PERIOD - int(moment) % PERIOD
    rows = "".join(
        f"<dt>{escape(email)}</dt><dd><b>{make_code(secret, moment)}</b></dd>"
        for email, secret in secrets.items()
    )
    return (
        f'<section class="card"><p class="small">Good for {left} more seconds, and once.</p>'
        f"<dl>{rows}</dl></section>"
    )
