"""The frame of every page: one file, no request but its own, and a policy that lets no other in."""

import base64
import hashlib
from html import escape
from pathlib import Path

from aiohttp import web

_ASSETS = Path(__file__).parent / "assets"
_CSS = (_ASSETS / "page.css").read_text(encoding="utf-8")
_JS = (_ASSETS / "page.js").read_text(encoding="utf-8")


def _hash_of(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash_of(_CSS)}",
            f"script-src {_hash_of(_JS)}",
            "connect-src 'self'",
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

NOTICE = "Sandbox: fictional phones. Nothing here reaches a real network."


def answer_page(title: str, header: str, content: str, *, status: int = 200) -> web.Response:
    """Return a whole page; `header` and `content` are HTML, `title` is text."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{_CSS}</style></head>'
        f'<body><p class="notice">{NOTICE}</p><header>{header}</header>'
        f'<main>{content}</main><script type="module">{_JS}</script></body></html>'
    )
    return web.Response(text=html, content_type="text/html", headers=HEADERS, status=status)


def answer_part(content: str) -> web.Response:
    """Return the live part of a page alone."""
    return web.Response(text=content, content_type="text/html", headers=HEADERS)
