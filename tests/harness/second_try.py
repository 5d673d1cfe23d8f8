"""A second try, alone, for a test that failed while its pass ran crowded: said aloud, never in silence.

A whole run waits for thousands of moments of a shared machine, and one that comes late says nothing of
what is tested. A test that fails alone as well is a failure; many at once are one; and where the test
looks for races, a failure that goes away is what it has found.
"""

import json
from pathlib import Path

MOST = 3
NEVER = "tests/faults/"


def worth_another_try(cache: Path) -> list[str]:
    """Return the ids of the tests that failed, or none where a second try would prove nothing."""
    try:
        failed = list(json.loads((cache / "v/cache/lastfailed").read_text()))
    except FileNotFoundError:
        return []
    # What could not be read or collected has no test's name.
    can = all("::" in test and not test.startswith(NEVER) for test in failed)
    return failed if can and len(failed) <= MOST else []
