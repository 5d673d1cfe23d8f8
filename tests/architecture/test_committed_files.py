"""What no committed file may hold: a path of somebody's machine, a registry's host, a real secret."""

import re
from pathlib import Path

from tests.architecture.sources import BASE_DIR, committed_files

# Home and working folders; system folders such as /usr/bin are the same everywhere, and /media/ is an
# address of ours.
MACHINE_PATH = re.compile(r"(?<![\w.}/:-])/(?:home|root|Users|work|mnt|srv|workspace)/[\w.-]+")
REGISTRY = re.compile(
    r"https?://[^\s\"']*(?:pypi|pythonhosted|artifactory|nexus|/simple\b)", re.IGNORECASE
)
BINARY = {".png", ".jpg", ".jpeg", ".webp", ".woff2", ".ico", ".gif", ".pdf", ".mo", ".m4a", ".ogg"}


def texts() -> list[tuple[Path, str]]:
    return [
        (path, path.read_text(encoding="utf-8"))
        for path in committed_files()
        if path.suffix not in BINARY
    ]


def test_no_file_holds_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(BASE_DIR)}: {match.group()}"
        for path, text in texts()
        if path != Path(__file__).resolve()
        for match in MACHINE_PATH.finditer(text)
    ]

    assert found == []


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path.relative_to(BASE_DIR)}: {match.group()}"
        for path, text in texts()
        for match in REGISTRY.finditer(text)
    ]

    assert found == []


def test_lock_has_a_hash_for_every_package() -> None:
    for name in ("run.lock", "dev.lock"):
        entries = re.split(r"^(?=[a-z0-9])", locked(name), flags=re.MULTILINE | re.IGNORECASE)
        pinned = [entry for entry in entries if "==" in entry.partition("\n")[0]]

        assert pinned
        assert [e.partition(" ")[0] for e in pinned if "--hash=sha256:" not in e] == []


def test_development_lock_holds_everything_that_runs() -> None:
    def pins(name: str) -> set[str]:
        return set(
            re.findall(
                r"^[a-z0-9][\w.-]*(?:\[[\w,]+\])?==\S+", locked(name), re.MULTILINE | re.IGNORECASE
            )
        )

    assert pins("run.lock") - pins("dev.lock") == set()


def locked(name: str) -> str:
    return (BASE_DIR / "requirements" / name).read_text(encoding="utf-8")
