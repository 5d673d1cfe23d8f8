"""Calls from this machine to itself: no proxy of the environment is asked, no other host is reached."""

from http.client import HTTPResponse
from typing import cast
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_opener = build_opener(ProxyHandler({}))


def is_loopback(address: str) -> bool:
    """Say whether an address is on this machine."""
    return urlsplit(address).hostname in HOSTS


def open_local(request: Request | str, *, timeout: float) -> HTTPResponse:
    """Open an address on this machine; raise `OSError` when it does not answer with a success."""
    address = request if isinstance(request, str) else request.full_url
    if not is_loopback(address):
        raise PermissionError("Only addresses on this machine are called from here.")
    return cast(HTTPResponse, _opener.open(request, timeout=timeout))
