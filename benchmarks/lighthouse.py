"""Let Lighthouse judge the readers' pages as on a phone: performance, accessibility, best practices.

Lighthouse comes from npm into a folder that goes away, and runs on loopback with the installed
Chromium. Run in a process of its own, with WAYMARK_DATA_DIR naming an empty folder, and on a machine
that does nothing else: the performance is reckoned from how long the processor was really busy.
`python -m benchmarks.lighthouse route "alert (ar)"` limits it to page types or pages.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from statistics import median

from benchmarks.pages import CHROMIUM, LANGUAGES, PLACES, new_house
from tests.harness.services import find_chromium

PACKAGE = "lighthouse@12.8.2"
# It loses a trace now and then (NO_NAVSTART), which says nothing about the page.
TRIES = 3
FULL, MORE_RUNS = 100.0, 4
CATEGORIES = ("performance", "accessibility", "best-practices")


def main(*wanted: str) -> None:
    """Print the lowest score of each category, as JSON; each page's on standard error."""
    lowest = dict.fromkeys(CATEGORIES, 100.0)
    with tempfile.TemporaryDirectory() as folder, new_house() as house:
        install(Path(folder))
        for name, path in list_pages(wanted):
            scores = judge(Path(folder), f"{house.running.site}{path}")
            lowest = {key: min(lowest[key], scores[key]) for key in CATEGORIES}
            said = " ".join(f"{key} {scores[key]:.0f}" for key in CATEGORIES)
            print(f"{name}: {said}", file=sys.stderr)
    json.dump({f"Lighthouse {key}": score for key, score in lowest.items()}, sys.stdout)


def list_pages(wanted: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Give the kinds of page, or the wanted ones: the chooser once, the others in each language."""
    if not wanted or "chooser" in wanted:
        yield "chooser", "/"
    for name, place in PLACES.items():
        for language in LANGUAGES:
            page = f"{name} ({language})"
            if not wanted or not {name, page}.isdisjoint(wanted):
                yield page, f"/{language}/{place}"


def install(folder: Path) -> None:
    """Put Lighthouse into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", PACKAGE]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def judge(folder: Path, address: str) -> dict[str, float]:
    """Return the scores of one page, out of 100: the medians of five runs where the first is not full.

    One run says too little of the performance: Lighthouse's own advice is the median of five (its
    docs, "Score variability").
    """
    runs = [run_once(folder, address)]
    if min(runs[0].values()) < FULL:
        runs += [run_once(folder, address) for _run in range(MORE_RUNS)]
    return {key: median(run[key] for run in runs) for key in CATEGORIES}


def run_once(folder: Path, address: str) -> dict[str, float]:
    """Return the scores that one run of Lighthouse gives, with its own mobile emulation."""
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
    for _try in range(TRIES):
        done = subprocess.run(
            command, env=environment, check=False, stdout=subprocess.PIPE, text=True
        )
        if done.returncode == 0:
            categories = json.loads(done.stdout)["categories"]
            return {key: 100 * float(categories[key]["score"] or 0) for key in CATEGORIES}
    sys.exit(f"Lighthouse failed {TRIES} times at {address}; what it said is above.")


if __name__ == "__main__":
    main(*sys.argv[1:])
