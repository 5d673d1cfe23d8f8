"""What the frames of all answers are made of, as one short name: a deployment never serves old ones."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

# Code and words as well as templates: whatever can change what a reader sees of the same content.
FRAMES = (
    # What is shown at all, and from when to when.
    "cms/*.py",
    "cms/models/*.py",
    # How it is made, compressed, and sent with which headers.
    "cms/publishing/*.py",
    "config/policies.py",
    "cms/reader/*.py",
    "cms/passing_on/*.py",
    "cms/templatetags/*.py",
    "cms/templates/cms/*",
    "cms/static/cms/*.js",
    "locales/*.py",
    "locales/*/LC_MESSAGES/*.mo",
)


@cache
def fingerprint() -> str:
    """Return the name of this build, read once in each process."""
    told = hashlib.sha256(f"{settings.PUBLIC_URL} {settings.REHEARSAL}".encode())
    for path in _list_files(Path(settings.BASE_DIR)):
        told.update(f"{path.name} ".encode())
        told.update(path.read_bytes())
    return told.hexdigest()[:20]


def _list_files(base: Path) -> Iterator[Path]:
    for pattern in FRAMES:
        yield from sorted(path for path in base.glob(pattern) if path.is_file())
