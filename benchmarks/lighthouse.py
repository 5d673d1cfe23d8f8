"""Let Lighthouse judge the readers' pages as on a phone: performance, accessibility, best practices.

Lighthouse comes from npm into a folder that goes away, and runs on loopback with the installed
Chromium. Run in a process of its own, with WAYMARK_DATA_DIR naming an empty folder, and on a machine
that does nothing else: the performance is reckoned from how long the processor was really busy.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pages import CHROMIUM, LANGUAGES, PLACES, new_house
from tests.harness.services import find_chromium

PACKAGE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices")


def main() -> None:
    """Print the lowest score of each category, as JSON; each page's on standard error."""
    lowest = dict.fromkeys(CATEGORIES, 100.0)
    with tempfile.TemporaryDirectory() as folder, new_house() as house:
        install(Path(folder))
        for name, path in list_pages():
            scores = judge(Path(folder), f"{house.running.site}{path}")
            lowest = {key: min(lowest[key], scores[key]) for key in CATEGORIES}
            said = " ".join(f"{key} {scores[key]:.0f}" for key in CATEGORIES)
            print(f"{name}: {said}", file=sys.stderr)
    json.dump({f"Lighthouse {key}": score for key, score in lowest.items()}, sys.stdout)


def list_pages() -> Iterator[tuple[str, str]]:
    """Give every kind of page, with its address: the chooser once, the others in each language."""
    yield "chooser", "/"
    for name, place in PLACES.items():
        for language in LANGUAGES:
            yield f"{name} ({language})", f"/{language}/{place}"


def install(folder: Path) -> None:
    """Put Lighthouse into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", PACKAGE]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def judge(folder: Path, address: str) -> dict[str, float]:
    """Return the scores of one page, out of 100, with Lighthouse's own mobile emulation."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("No Chromium here. To install it: sudo apt-get install chromium")
    command = [
        str(folder / "node_modules" / ".bin" / "lighthouse"),
        address,
        "--quiet",
        "--output=json",
        "--output-path=stdout",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={' '.join(['--headless=new', *CHROMIUM])}",
    ]
    environment = os.environ | {"CHROME_PATH": str(chromium)}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    categories = json.loads(done.stdout)["categories"]
    return {key: 100 * float(categories[key]["score"] or 0) for key in CATEGORIES}


if __name__ == "__main__":
    main()
