"""What stands before every route: who may ask, and what is said when something breaks."""

import base64
import binascii
import hmac
import logging
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from messaging.sandbox.answers import refuse
from messaging.sandbox.requests import LOOPBACK

_API = ("/2010-04-01/", "/v1/")

log = logging.getLogger("waymark.sandbox")


@web.middleware
async def answer_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 500 to a fault of ours and log its class alone: a traceback may hold a number."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as fault:  # noqa: BLE001  # the last one to see it
        log.error("a request failed: %s", type(fault).__name__)
        return refuse(20500)


@web.middleware
async def keep_strangers_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse another site's page: by a name that leads here, or by a form that posts here."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        return web.Response(status=403, text="The sandbox answers on loopback names only.")
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_foreign = (
        site not in ("same-origin", "none")
        if site
        else origin and urlsplit(origin).netloc != request.host
    )
    if request.method == "POST" and is_foreign:
        return web.Response(status=403, text="Another site may not post here.")
    return await handler(request)


def check_credentials(account: str, token: str) -> Middleware:
    """Return a guard that lets only this account use the API."""
    expected = f"{account}:{token}".encode()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(_API):
            return await handler(request)
        given = _read_pair(request.headers.get("Authorization", ""))
        if not hmac.compare_digest(given, expected):
            return refuse(20003)
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return refuse(20404)

    return guard


def _read_pair(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
