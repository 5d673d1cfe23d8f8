"""Small files made by hand: sound with tags, pictures with a place, papers."""

from io import BytesIO
from struct import pack

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PLACE = b"+13.5127+002.1126/"
NAME = "Fatou of Agadez"


def upload(content: bytes, name: str) -> SimpleUploadedFile:
    """Return content as a browser sends it, whatever the name says."""
    return SimpleUploadedFile(name, content)


# ---- Sound -------------------------------------------------------------------------------------


def make_mp3(*, frames: int = 100) -> bytes:
    """Return silence at 128 kbit/s with an ID3 tag before and behind it; 100 frames are 2.6 s."""
    told = b"\x03" + NAME.encode()
    frame = b"TIT2" + pack(">I", len(told)) + b"\0\0" + told
    tag = b"ID3\x03\0\0" + bytes((0, 0, len(frame) >> 7, len(frame) & 127)) + frame
    sound = (b"\xff\xfb\x90\x00" + bytes(413)) * frames
    return tag + sound + b"TAG" + NAME.encode().ljust(125, b"\0")


def make_m4a(*, seconds: int = 7, handler: bytes = b"soun") -> bytes:
    """Return the boxes of an MPEG-4 file with the place where it was recorded."""
    clock = bytes(4) + bytes(8) + pack(">II", 1000, seconds * 1000)
    media = _box(b"mdhd", clock + bytes(4)) + _box(b"hdlr", bytes(8) + handler + bytes(13))
    told = _box(b"udta", _box(b"\xa9xyz", pack(">HH", len(PLACE), 0x15C7) + PLACE))
    moov = _box(b"mvhd", clock + bytes(80)) + _box(b"trak", _box(b"mdia", media)) + told
    return _box(b"ftyp", b"M4A \0\0\0\0M4A isom") + _box(b"moov", moov) + _box(b"mdat", bytes(64))


def _box(kind: bytes, body: bytes) -> bytes:
    return pack(">I4s", len(body) + 8, kind) + body


def make_opus(*, seconds: int = 5, comment: str = NAME) -> bytes:
    """Return an Ogg file with three packets: head, tags with a comment, and a last one."""
    said = f"TITLE={comment}".encode()
    tags = b"OpusTags" + pack("<I", 3) + b"enc" + pack("<II", 1, len(said)) + said
    head = b"OpusHead\x01\x01" + pack("<HIhB", 0, 48000, 0, 0)
    pages = ((head, 0), (tags, 0), (b"\xfc" * 20, seconds * 48000))
    return b"".join(_page(body, at, number) for number, (body, at) in enumerate(pages))


def _page(body: bytes, position: int, number: int) -> bytes:
    segments = bytes([255] * (len(body) // 255) + [len(body) % 255])
    kind = {0: 2, 2: 4}.get(number, 0)
    blank = b"OggS\0" + pack("<BqIII", kind, position, 1, number, 0)
    page = blank + bytes([len(segments)]) + segments + body
    return page[:22] + pack("<I", check_sum(page)) + page[26:]


def check_sum(page: bytes) -> int:
    """Return the sum of an Ogg page bit by bit, as RFC 3533 writes it."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _bit in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


# ---- Pictures and papers -----------------------------------------------------------------------


def make_picture(kind: str = "JPEG", *, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a picture that says in three ways where and with what it was taken."""
    picture = Image.new("RGB", size, (160, 120, 40))
    exif = Image.Exif()
    exif[0x010F] = NAME  # the maker of the camera
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (13.0, 30.0, 45.0)
    out = BytesIO()
    said = {"comment": NAME.encode()} if kind == "JPEG" else {}
    if kind != "PNG":
        said["xmp"] = f"<x:xmpmeta>{NAME}</x:xmpmeta>".encode()
    picture.save(out, kind, exif=exif, **said)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
ZIP_END = b"PK\x05\x06" + bytes(18)
