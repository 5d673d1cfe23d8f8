"""Our own source files, parsed once, for the tests that read code."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# From the bottom up; those on one step are strangers to each other.
LAYERS = (("locales",), ("cms", "messaging"), ("campaigns",), ("analytics",), ("config",))
PACKAGES = tuple(name for step in LAYERS for name in step)


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file of ours."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Return its path inside the project."""
        return str(self.path.relative_to(BASE_DIR))

    @property
    def is_test(self) -> bool:
        """Say whether it belongs to the tests."""
        return self.name.startswith("tests/")


@cache
def committed_files() -> tuple[Path, ...]:
    """Return every file that is or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)
    paths = (BASE_DIR / name for name in done.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


@cache
def sources() -> tuple[Source, ...]:
    """Return our Python files, without migrations."""
    found = []
    for path in committed_files():
        parts = path.relative_to(BASE_DIR).parts
        ours = parts[0] in {*PACKAGES, "tests", "benchmarks", "manage.py"}
        if ours and path.suffix == ".py" and "migrations" not in parts:
            text = path.read_text(encoding="utf-8")
            found.append(Source(path, text, ast.parse(text, filename=str(path))))
    return tuple(found)
