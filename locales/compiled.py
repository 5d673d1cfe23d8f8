"""Whether the compiled catalogues are there and up to date: `python -m locales.compiled`.

Asked at every `make run`, so it looks at nothing but the times of the files in this folder.
"""

import sys
from pathlib import Path

from locales.languages import CONTENT_LANGUAGES, LAST_RESORT

FOLDER = Path(__file__).resolve().parent


def find_stale(folder: Path) -> list[str]:
    """Return the languages whose .mo file is missing, or older than a catalogue or the table."""
    # Any catalogue counts: a language is filled up from others, and their order is in the table.
    sources = [*folder.glob("*/LC_MESSAGES/*.po"), FOLDER / "languages.py"]
    newest = max(path.stat().st_mtime for path in sources)
    compiled = {
        code: folder / code / "LC_MESSAGES" / "django.mo"
        for code in CONTENT_LANGUAGES
        if code != LAST_RESORT
    }
    return [
        code
        for code, path in compiled.items()
        if not path.exists() or path.stat().st_mtime < newest
    ]


if __name__ == "__main__":
    sys.exit(bool(find_stale(FOLDER)))
