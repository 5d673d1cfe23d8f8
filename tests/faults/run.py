"""`make faults`: every scenario in its full dose, one after the other, and docs/faults.md written anew.

`python -m tests.faults.run short` takes the doses of `make test`. Other words go to pytest (`-k F6`);
the table then gets new lines for what ran, and keeps the others.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.harness import services
from tests.run import BASE_DIR

PATHS = ("tests/faults",)
MARKS = "(database or postgres or redis) and not browser"


def main(words: list[str]) -> int:
    """Start the servers, run, and return pytest's exit code."""
    binaries, server = services.find_postgres(), services.find_redis()
    if not binaries or not server:
        print("To install what is missing: sudo apt-get install postgresql redis-server pgbouncer")
        return 1
    doses, words = ("short", words[1:]) if words[:1] == ["short"] else ("full", words)
    ours = ("WAYMARK_", "TESTS_", "DJANGO_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    with ExitStack() as stack:
        environment |= {
            "TESTS_FAULTS": doses,
            "TESTS_FAULTS_SOME": "1" if words else "",
            "TESTS_DATABASE_URL": stack.enter_context(services.postgres(binaries)),
            "TESTS_BROKER_URL": stack.enter_context(services.redis(server)),
        }
        command = [sys.executable, "-m", "pytest", "-v", "-m", MARKS, *PATHS, *words]
        return subprocess.run(command, env=environment, cwd=BASE_DIR, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
