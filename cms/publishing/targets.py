"""Where the site is to go, as it is written on a command line; nothing is opened here."""

import re
from pathlib import Path

from cms.publishing.s3 import Bucket

_BUCKET = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(?:/[A-Za-z0-9!_.*'()-]+)*")


class TargetError(Exception):
    """Say what is wrong with a target; it is not repeated, for it may hold a key."""


def read_target(text: str, *, endpoint: str, rehearsal: bool) -> Path | Bucket:
    """Return the folder or the bucket that a text names."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        if not text.strip() or "\0" in text:
            raise TargetError("--to names nothing: give it a folder, or s3://bucket/folder.")
        return Path(text)
    if scheme != "s3":
        raise TargetError(
            "--to takes a folder or s3://bucket/folder, and no other kind of address."
        )
    name, _slash, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if not _BUCKET.fullmatch(name):
        raise TargetError("After s3:// stands no name of a bucket (3 to 63 of a-z, 0-9, - and .).")
    if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
        raise TargetError("The folder in the bucket may hold letters, digits and !_.*'()- only.")
    if rehearsal and not endpoint:
        raise TargetError(
            "This is a rehearsal: it reaches no other host. Name an S3 server on this machine in "
            "WAYMARK_S3_ENDPOINT_URL, or publish to a folder."
        )
    return Bucket(name, prefix, endpoint)
