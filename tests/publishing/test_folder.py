"""A folder as a host: only what changed is written, nothing is half there, nobody else's is touched."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cms.publishing.artefacts import Artefact
from cms.publishing.delivering import Delivered, HostError, Unfinished, deliver
from cms.publishing.folder import FolderHost
from cms.publishing.manifest import NAME, Manifest, ManifestError
from tests.publishing.sites import SMALL, dead_links, files, page, say_nothing

CHANGED = SMALL | {
    # Its link to the road's risks is gone, and so are they; somewhere new is led to.
    "/en/": page("Home", "/", "/en/road/", "/en/new/"),
    "/en/road/": page("Road", "/en/"),
    "/en/new/": page("New", "/en/newer/"),
    "/en/newer/": page("Newer", "/en/new/"),
}
del CHANGED["/en/road/risks/"], CHANGED["/en/about/"], CHANGED["/r/abc"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "site"


def publish(root: Path, pages: dict[str, bytes]) -> Delivered:
    return deliver(lambda: files(pages), FolderHost(root), tell=say_nothing)


def held(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def stamps(root: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def test_first_run_writes_the_site_and_a_second_one_nothing(root: Path) -> None:
    first = publish(root, SMALL)
    before = stamps(root)
    second = publish(root, SMALL)

    assert (first.files, first.written, first.deleted) == (8, 8, 0)
    assert (second.files, second.written, second.deleted) == (8, 0, 0)
    assert stamps(root) == before
    assert dead_links(held(root)) == []


def test_only_what_has_changed_is_written_and_what_is_dead_goes(root: Path) -> None:
    publish(root, SMALL)
    before = stamps(root)

    done = publish(root, CHANGED)

    untouched = {name for name, stamp in stamps(root).items() if before.get(name) == stamp}
    assert (done.written, done.deleted) == (4, 3)
    assert str(root / "404.html") in untouched
    assert set(held(root)) == {
        *("index.html", "en/index.html", "en/road/index.html", "en/new/index.html"),
        *("en/newer/index.html", "404.html", "en/404.html", NAME),
    }
    assert not (root / "en/road/risks").exists()
    assert not (root / "r").exists()


def test_file_that_somebody_took_away_is_written_again(root: Path) -> None:
    publish(root, SMALL)
    (root / "en/road/index.html").unlink()

    assert publish(root, SMALL).written == 1
    assert dead_links(held(root)) == []


def test_files_can_be_read_by_a_web_server(root: Path) -> None:
    old = os.umask(0o022)
    try:
        publish(root, SMALL)
    finally:
        os.umask(old)

    assert (root / "en/index.html").stat().st_mode & 0o777 == 0o644


# ---- Whatever ends a run -----------------------------------------------------------------------


class Refusing(FolderHost):
    """A folder whose disk is full, or whose machine stops, at the n-th write or deletion."""

    def __init__(self, root: Path, *, at: int, how: Callable[[], BaseException]) -> None:
        super().__init__(root)
        self.left, self.how = at, how
        self.dead: list[list[str]] = []

    def write(self, artefact: Artefact) -> None:
        self._count()
        super().write(artefact)
        self.dead.append(dead_links(held(self.root)))

    def delete(self, key: str) -> None:
        self._count()
        super().delete(key)
        self.dead.append(dead_links(held(self.root)))

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.how()


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("pages", [SMALL, CHANGED])
def test_run_that_is_refused_leaves_no_dead_link_and_the_next_one_finishes(
    root: Path, at: int, pages: dict[str, bytes]
) -> None:
    is_first = pages is SMALL
    if not is_first:
        publish(root, SMALL)
    host = Refusing(root, at=at, how=lambda: HostError("The disk is full."))
    if at == 7 and not is_first:  # four writes and three deletions
        deliver(lambda: files(pages), host, tell=say_nothing)
    else:
        with pytest.raises(Unfinished, match=r"run it again to finish"):
            deliver(lambda: files(pages), host, tell=say_nothing)

    assert not any(host.dead)
    assert dead_links(held(root)) == []
    publish(root, pages)
    assert dead_links(held(root)) == []
    fresh = root.with_name("fresh")
    publish(fresh, pages)
    assert held(root) == held(fresh)


@pytest.mark.parametrize("at", range(7))
def test_run_that_is_killed_forgets_nothing_that_is_ours(root: Path, at: int) -> None:
    """What was written before the kill and is not wanted any more goes with the next run."""
    publish(root, SMALL)
    with pytest.raises(KeyboardInterrupt):
        deliver(
            lambda: files(CHANGED), Refusing(root, at=at, how=KeyboardInterrupt), tell=say_nothing
        )
    assert dead_links(held(root)) == []

    publish(root, SMALL)

    fresh = root.with_name("fresh")
    publish(fresh, SMALL)
    assert held(root) == held(fresh)


def test_next_run_does_not_write_again_what_a_refused_one_wrote(root: Path) -> None:
    host = Refusing(root, at=5, how=lambda: HostError("The disk is full."))
    with pytest.raises(Unfinished) as caught:
        deliver(lambda: files(SMALL), host, tell=say_nothing)

    assert str(caught.value).startswith("3 of 8 files were not written: ")
    assert "The disk is full." in str(caught.value)
    assert publish(root, SMALL).written == 3


def test_full_disk_leaves_the_old_page_and_nothing_half(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root, SMALL)
    before = held(root)
    real = os.fsync

    def fail(descriptor: int) -> None:
        if b"Changed" in Path(f"/proc/self/fd/{descriptor}").read_bytes():
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Unfinished, match=r"en/about/index\.html cannot be written: the disk is"):
        publish(root, SMALL | {"/en/about/": page("Changed", "/en/")})

    assert {k: v for k, v in held(root).items() if k != NAME} == {
        k: v for k, v in before.items() if k != NAME
    }


def test_half_written_file_of_a_killed_run_is_cleared_away(root: Path) -> None:
    publish(root, SMALL)
    (root / "en/.waymark-half-0a").write_bytes(b"half")

    publish(root, SMALL)

    assert not (root / "en/.waymark-half-0a").exists()


# ---- What is not ours --------------------------------------------------------------------------


def test_folder_with_somebody_elses_files_is_refused(root: Path) -> None:
    root.mkdir()
    (root / "thesis.txt").write_text("mine")

    with pytest.raises(HostError, match=r"files that publish_site did not write \(thesis\.txt\)"):
        publish(root, SMALL)

    assert set(held(root)) == {"thesis.txt"}


def test_somebody_elses_file_in_our_folder_stays(root: Path) -> None:
    publish(root, SMALL)
    (root / "en/road/risks/mine.txt").write_text("mine")

    publish(root, CHANGED)

    assert (root / "en/road/risks/mine.txt").read_text() == "mine"


def test_somebody_elses_file_is_never_replaced(root: Path) -> None:
    publish(root, SMALL)
    (root / "en/new").mkdir()
    (root / "en/new/index.html").write_text("mine")

    with pytest.raises(HostError, match=r"en/new/index\.html"):
        publish(root, CHANGED)

    assert (root / "en/new/index.html").read_text() == "mine"


def test_second_publisher_is_told_that_there_is_a_first(root: Path) -> None:
    with FolderHost(root).locked(), pytest.raises(HostError, match=r"Another publish_site is"):
        publish(root, SMALL)

    assert publish(root, SMALL).written == 8


def test_older_site_cannot_come_after_a_newer_one(root: Path) -> None:
    """The site is gathered under the lock: a second publisher has not even begun to look."""
    looked = []

    def look() -> list[Artefact]:
        looked.append("again")
        return []

    def gather() -> list[Artefact]:
        with pytest.raises(HostError):
            deliver(look, FolderHost(root), tell=say_nothing)
        return files(SMALL)

    deliver(gather, FolderHost(root), tell=say_nothing)

    assert looked == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "files": [], "unsure": []}']
)
def test_list_that_cannot_be_read_stops_the_run(root: Path, text: str) -> None:
    publish(root, SMALL)
    (root / NAME).write_text(text)

    with pytest.raises(ManifestError, match=r"\.waymark-site\.json cannot be read"):
        publish(root, CHANGED)


def test_list_of_a_later_version_is_left_to_that(root: Path) -> None:
    publish(root, SMALL)
    (root / NAME).write_text('{"version": 2}')

    with pytest.raises(ManifestError, match="another version"):
        publish(root, CHANGED)


def test_list_names_no_file_outside() -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        Manifest.from_bytes(b'{"version": 1, "files": {"../../etc/passwd": "x"}, "unsure": []}')


def test_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(HostError, match=r"file cannot be used: (file exists|not a directory)"):
        publish(tmp_path / "file", SMALL)


def test_progress_is_told_file_by_file(root: Path) -> None:
    told: list[Any] = []

    deliver(lambda: files(SMALL), FolderHost(root), tell=lambda *at: told.append(at))

    assert told == [(count, 8) for count in range(1, 9)]
