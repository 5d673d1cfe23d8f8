"""How many parts an SMS text takes, and which characters make it dear.

GSM-7 after 3GPP TS 23.038, parts after TS 23.040. Shift tables for national languages are left out:
no provider we know of uses them. Networks differ in where they cut; this shows the larger count.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["gsm7", "ucs2"]

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("^{}\\[]~|€\f")

# Units in a message of one part, and in each part of a longer one: the header takes the rest.
ROOM: dict[Alphabet, tuple[int, int]] = {"gsm7": (160, 153), "ucs2": (70, 67)}

_JOINER = "\u200d"
# Joined to what stands before though their category is not a mark: joiners, skin tones, tags,
# and the Thai and Lao vowel that is written after its consonant.
_TRAILING = frozenset(
    [_JOINER, "\u200c", "\u0e33", "\u0eb3"]
    + [chr(code) for code in range(0x1F3FB, 0x1F400)]
    + [chr(code) for code in range(0xE0020, 0xE0080)]
)
# Burmese vowel signs and visarga: marks by category, characters of their own by Unicode's rules.
_STANDING = frozenset("\u102b\u102c\u1038")


@dataclass(frozen=True, slots=True)
class SmsCount:
    """Say what a text takes: `units` are septets (gsm7) or UTF-16 units (ucs2).

    `costly` holds each character that costs room, once, in order: those outside GSM-7 in a ucs2
    text, those of two units in a gsm7 text.
    """

    alphabet: Alphabet
    units: int
    parts: int
    costly: tuple[str, ...]


def compose_text(text: str) -> str:
    """Return a text as it should be counted and sent: letters composed (NFC), lines ended by LF."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def count_parts(text: str) -> SmsCount:
    """Count the units and parts of an SMS text; an empty text takes none.

    Letters are counted as they stand, because the provider counts them so: an é written as e and
    an accent makes the whole text ucs2. `compose_text` before freezing a text avoids that.
    """
    text = text.replace("\r\n", "\n")
    clusters = split_clusters(text)
    foreign = [cluster for cluster in clusters if not _is_gsm7(cluster)]
    if foreign:
        costs = [sum(map(_utf16_units, cluster)) for cluster in clusters]
        return _count("ucs2", costs, foreign)
    costs = [2 if char in GSM7_EXTENSION else 1 for char in text]
    return _count("gsm7", costs, (char for char in text if char in GSM7_EXTENSION))


def split_clusters(text: str) -> list[str]:
    """Split a text into what must not be cut: letters with their marks, joined emoji, flags."""
    clusters: list[str] = []
    for char in text:
        if clusters and _joins(clusters[-1], char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _count(alphabet: Alphabet, costs: list[int], costly: Iterable[str]) -> SmsCount:
    units = sum(costs)
    single, joined = ROOM[alphabet]
    parts = min(units, 1) if units <= single else _fill(costs, joined)
    return SmsCount(alphabet, units, parts, tuple(dict.fromkeys(costly)))


def _fill(costs: list[int], room: int) -> int:
    parts, used = 1, 0
    for cost in costs:
        if used and used + cost > room:
            parts, used = parts + 1, 0
        used += cost
        # A pile of marks wider than a part is cut somewhere, whatever we would like.
        overflow = (used - 1) // room
        parts, used = parts + overflow, used - overflow * room
    return parts


def _joins(cluster: str, char: str) -> bool:
    if _is_mark(char):
        return True
    if cluster[-1] == _JOINER:
        return _is_symbol(cluster[0]) and _is_symbol(char)
    return len(cluster) == 1 and _is_flag_half(cluster) and _is_flag_half(char)


def _is_mark(char: str) -> bool:
    if char in _STANDING:
        return False
    return char in _TRAILING or unicodedata.category(char).startswith("M")


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char).startswith("S")


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_gsm7(cluster: str) -> bool:
    return cluster in GSM7_BASIC or cluster in GSM7_EXTENSION


def _utf16_units(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1
