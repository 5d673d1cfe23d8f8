"""Take the tags out of Ogg, MPEG-4 and MP3 files without touching the sound. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack_from


class BrokenAudio(ValueError):
    """Raised for a file whose parts do not fit together."""


class NotOnlySound(ValueError):
    """Raised for a file of tracks that has no sound, or pictures beside it."""


# ---- MP3: tags stand before and behind the sound ------------------------------------------------


def cut_mp3(content: bytes) -> bytes:
    """Return the frames of an MP3 file without ID3 and APE tags."""
    while content.startswith(b"ID3") and len(content) >= 10:
        a, b, c, d = content[6:10]
        footer = 10 if content[5] & 0x10 else 0
        content = content[10 + (a << 21 | b << 14 | c << 7 | d) + footer :].lstrip(b"\0")
    if content[-128:-125] == b"TAG":
        content = content[:-128]
    if content[-32:-24] == b"APETAGEX":
        (size,) = unpack_from("<I", content, len(content) - 20)
        begin = len(content) - size
        content = content[
            : begin - 32 if content[begin - 32 : begin - 24] == b"APETAGEX" else begin
        ]
    return content


# ---- MPEG-4: boxes in boxes; those with tags become empty space of the same length ---------------

_OPENED = {b"moov", b"trak", b"mdia"}
_CLEARED = {b"udta", b"meta", b"uuid", b"free", b"skip"}


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    begin: int
    body: int
    end: int


def clear_mp4(content: bytes) -> bytes:
    """Return an MPEG-4 file with its tags blanked; raise NotOnlySound or BrokenAudio."""
    cleared, handlers = bytearray(content), set()
    try:
        for box in _walk_boxes(content, 0, len(content)):
            if box.kind == b"hdlr":
                handlers.add(content[box.body + 8 : box.body + 12])
            if box.kind in _CLEARED:
                cleared[box.begin + 4 : box.begin + 8] = b"free"
                cleared[box.body : box.end] = bytes(box.end - box.body)
    except struct.error as error:
        raise BrokenAudio("a box is cut off") from error
    if b"soun" not in handlers or b"vide" in handlers:
        raise NotOnlySound
    return bytes(cleared)


def _walk_boxes(content: bytes, begin: int, end: int) -> Iterator[_Box]:
    while begin < end:
        size, kind = unpack_from(">I4s", content, begin)
        body = begin + 8
        if size == 1:
            (size,) = unpack_from(">Q", content, body)
            body += 8
        stop = begin + size if size else end
        if not body <= stop <= end:
            raise BrokenAudio("a box is longer than what it lies in")
        yield _Box(kind, begin, body, stop)
        if kind in _OPENED:
            yield from _walk_boxes(content, body, stop)
        begin = stop


# ---- Ogg: the second packet holds the tags; it keeps its length, and its pages get new sums ------


@dataclass(frozen=True, slots=True)
class _Page:
    begin: int
    body: int
    end: int
    segments: bytes


def clear_ogg(content: bytes) -> bytes:
    """Return an Ogg file whose comments say nothing."""
    pages = list(_walk_pages(content))
    places = _find_comments(pages)
    if not places:
        raise BrokenAudio("the comments are missing")
    cleared = bytearray(content)
    said = b"".join(content[begin:end] for begin, end in places)
    silent = _silence(said)
    at = 0
    for begin, end in places:
        cleared[begin:end] = silent[at : at + end - begin]
        at += end - begin
    for page in pages:
        if any(page.body <= begin < page.end for begin, _end in places):
            cleared[page.begin + 22 : page.begin + 26] = bytes(4)
            sum_ = _checksum(cleared[page.begin : page.end])
            cleared[page.begin + 22 : page.begin + 26] = pack("<I", sum_)
    return bytes(cleared)


def _walk_pages(content: bytes) -> Iterator[_Page]:
    begin = 0
    while begin < len(content):
        if content[begin : begin + 4] != b"OggS" or len(content) < begin + 27:
            raise BrokenAudio("a page does not begin where the last one ended")
        count = content[begin + 26]
        segments = content[begin + 27 : begin + 27 + count]
        body = begin + 27 + count
        end = body + sum(segments)
        if len(segments) < count or end > len(content):
            raise BrokenAudio("the last page is cut off")
        yield _Page(begin, body, end, segments)
        begin = end


def _find_comments(pages: list[_Page]) -> list[tuple[int, int]]:
    """Return where the parts of the second packet lie; a packet ends with a segment under 255."""
    places, packet = [], 0
    for page in pages:
        at = page.body
        for length in page.segments:
            if packet == 1 and length:
                places.append((at, at + length))
            at += length
            if length < 255:
                packet += 1
            if packet == 2:
                return places
    return []


def _silence(said: bytes) -> bytes:
    """Return comments of the same length whose only word is a blank name of the encoder."""
    if said.startswith(b"OpusTags"):
        mark, tail = b"OpusTags", b""
    elif said.startswith(b"\x03vorbis"):
        mark, tail = b"\x03vorbis", b"\x01"
    else:
        raise BrokenAudio("the second packet holds no comments")
    blank = len(said) - len(mark) - 8 - len(tail)
    if blank < 0:
        raise BrokenAudio("the comments are cut off")
    return mark + pack("<I", blank) + b" " * blank + bytes(4) + tail


def _make_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        value = number << 24
        for _bit in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return tuple(table)


_TABLE = _make_table()


def _checksum(page: bytes | bytearray) -> int:
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value
