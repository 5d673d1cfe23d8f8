"""Calling the site as Twilio does: a signed form, short time-outs, one more try if cut off."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

API_VERSION = "2010-04-01"
CONCURRENT = 16
TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
RETRY_SECONDS = 0.5
ANSWER_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """Hold what the site answered; status 0 if it did not."""

    status: int
    text: str = field(default="", repr=False)

    @property
    def arrived(self) -> bool:
        """Say whether the site took the call."""
        return 200 <= self.status < 300


class Caller:
    """Post signed forms to the site, a few at a time."""

    def __init__(self, account: str, token: str) -> None:
        self.account = account
        self._validator = RequestValidator(token)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the pool; needs a running loop."""
        self._session = aiohttp.ClientSession(
            # A site may close an idle connection at any time; a short memory makes that rare.
            connector=aiohttp.TCPConnector(limit=CONCURRENT, keepalive_timeout=1),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=TIMEOUT,
            headers={"User-Agent": "TwilioProxy/1.1 (Waymark sandbox)"},
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._session:
            await self._session.close()

    async def post(self, url: str, form: Mapping[str, str]) -> SiteAnswer:
        """Post a form and return the answer; try once more only if the connection failed."""
        headers = {
            "X-Twilio-Signature": self._validator.compute_signature(url, form),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        }
        try:
            return await self._post(url, form, headers)
        except (aiohttp.ClientConnectionError, ConnectionError):
            await asyncio.sleep(RETRY_SECONDS)
        except (aiohttp.ClientError, TimeoutError):
            return SiteAnswer(0)
        try:
            return await self._post(url, form, headers)
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            return SiteAnswer(0)

    async def _post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> SiteAnswer:
        if self._session is None:
            raise RuntimeError("the caller is not open")
        # Encoded already: another quoting would not be what was signed.
        address = URL(url, encoded=True)
        async with self._session.post(
            address, data=form, headers=headers, allow_redirects=False
        ) as response:
            body = await response.content.read(ANSWER_LIMIT)
            return SiteAnswer(response.status, body.decode(errors="replace"))
