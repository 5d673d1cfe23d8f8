"""What a reader hands on: a short address, as words, as a code to photograph and as ready messages.

A message that she sends to somebody carries one neutral word and the address, nothing of the content.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from cms.reader.addresses import page_path, short_path

QUIET_ZONE = 4  # modules, as the standard asks for
_PLAIN: dict[str, Any] = {"light": "#fff", "svgclass": None, "lineclass": None}


@dataclass(frozen=True, slots=True)
class Address:
    """One address: as a browser takes it, and as it is read out."""

    full: str

    @property
    def spoken(self) -> str:
        """Return it without what nobody says."""
        return self.full.partition("://")[2]


def address_of(page: Any) -> Address:
    """Return the short address of a page in its language; its long one where it has none."""
    code = getattr(page, "code", "")
    path = short_path(code) if code else page_path(page.locale.language_code, page.slug)
    return make_absolute(path)


def make_absolute(path: str) -> Address:
    """Return an address of ours as somebody elsewhere must have it."""
    return Address(settings.PUBLIC_URL.rstrip("/") + path)


def write_share_text(word: str, address: Address) -> str:
    """Return what a message to somebody says."""
    return f"{word}: {address.full}"


def link_to_whatsapp(text: str) -> str:
    """Return the address that opens WhatsApp with a text, to nobody in particular."""
    return f"https://wa.me/?text={quote(text, safe='')}"


def link_to_sms(text: str) -> str:
    """Return the address that opens a short message with a text, to nobody in particular."""
    return f"sms:?&body={quote(text, safe='')}"


def draw_code(address: Address) -> SafeString:
    """Return an address as a QR code in SVG, as large as its box."""
    code = _encode(address).svg_inline(border=QUIET_ZONE, omitsize=True, **_PLAIN)
    return mark_safe(code)  # noqa: S308 - numbers and strokes, no text


def picture_code(address: Address) -> str:
    """Return an address as a QR code for an `img`, which no style of a page can thicken."""
    return _encode(address).svg_data_uri(border=QUIET_ZONE, omitsize=True, **_PLAIN)


def _encode(address: Address) -> segno.QRCode:
    # A quarter of it may be creased or dirty.
    return segno.make(address.full, error="q", micro=False, boost_error=False)
