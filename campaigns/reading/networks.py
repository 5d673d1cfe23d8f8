"""Which network a request comes from, coarse: for counting how much it uses, never for knowing who it is.

What is read here of readers is not kept: limits hold it as a keyed hash with the day in it. A whole
address is read of people who sign in alone.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_KEPT_BITS = {4: 24, 6: 48}


def read_network(request: HttpRequest) -> str:
    """Return the network of a request, as its first 24 or 48 bits; empty where nobody can tell."""
    address = _read(request)
    if address is None:
        return ""
    return str(ip_network(f"{address}/{_KEPT_BITS[address.version]}", strict=False))


def read_address(request: HttpRequest) -> str:
    """Return the whole address of a request; empty where nobody can tell."""
    address = _read(request)
    return "" if address is None else str(address)


def _read(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    return _parse(_find_text(request))


def _find_text(request: HttpRequest) -> str:
    if not settings.PROXIES:
        return str(request.META.get("REMOTE_ADDR", ""))
    # Each proxy adds whom it was asked by; what stands before those of our own may be made up.
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    return passed[-settings.PROXIES] if len(passed) >= settings.PROXIES else ""


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A network of its own for each address that is written in the newer way would count nobody.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
