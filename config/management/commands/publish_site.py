"""`manage.py publish_site`: the whole readers' side as files, in a folder or on S3."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from cms.passing_on.leaflets import printing_many
from cms.publishing.artefacts import Artefact, compress_at_host
from cms.publishing.checking import find_heavy, find_problems, list_outside
from cms.publishing.delivering import Delivered, Host, HostError, Unfinished, deliver
from cms.publishing.folder import FolderHost
from cms.publishing.hosting import Said, host_files
from cms.publishing.making import make
from cms.publishing.manifest import ManifestError
from cms.publishing.s3 import S3Host, open_client
from cms.publishing.site import Gathering, Site, gather
from cms.publishing.targets import TargetError, read_target
from cms.reader.listing import list_addresses
from config.progress import Bar
from config.running import stop_on_signals

_PROBLEMS_SHOWN = 40


class Command(BaseCommand):
    """Gather every answer, check the whole, and write what has changed."""

    help = (
        "Write the whole readers' side as files to a folder or to s3://bucket/folder: only what has "
        "changed, and never a page that leads to one that is not there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="DIR|s3://BUCKET[/FOLDER]")
        parser.add_argument(
            "--precompress",
            action="store_true",
            help="in a folder, .gz and .br beside each file; on S3, gzip in place of it",
        )
        parser.add_argument(
            "--list-links",
            action="store_true",
            help="write nothing, and list the addresses elsewhere that the site leads to",
        )
        parser.add_argument(
            "--allow-heavy",
            action="store_true",
            help="publish pages that are over their budget too: a correction may not wait",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._quiet, self._allow_heavy = not options["verbosity"], options["allow_heavy"]
        if not options["to"] and not options["list_links"]:
            raise CommandError("Say where to: --to and a folder, or s3://bucket/folder.")
        stop_on_signals()
        try:
            if options["list_links"]:
                site = self._gather(bare=False, hold=_hold_nothing)
                self.stdout.write("\n".join(list_outside(site)))
            else:
                self._publish(options["to"], precompress=options["precompress"])
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was live is whole; run it again to finish.") from None
        except (TargetError, HostError, ManifestError, Unfinished) as error:
            raise CommandError(str(error)) from None

    def _publish(self, target: str, *, precompress: bool) -> None:
        started = time.monotonic()
        host = _open_host(target)
        in_folder = isinstance(host, FolderHost)
        bar = _Writing(quiet=self._quiet)

        def gather_files() -> list[Artefact]:
            site = self._gather(bare=not in_folder, hold=host.hold)
            self._check(site)
            return _list_files(site, in_folder=in_folder, precompress=precompress)

        try:
            done = deliver(gather_files, host, tell=bar.show)
        finally:
            bar.end()
        if not self._quiet:
            self.stdout.write(_sum_up(done, seconds=time.monotonic() - started))

    def _gather(self, *, bare: bool, hold: Callable[[], None]) -> Site:
        bar = _Writing("Making", quiet=self._quiet)

        def show(done: int, total: int) -> None:
            hold()
            bar.show(done, total)

        how = Gathering(make=make, home=settings.PUBLIC_URL, bare=bare, live=list_live())
        with printing_many():
            site = gather(list_addresses(today=timezone.localdate()), how, tell=show)
        bar.end()
        return site

    def _check(self, site: Site) -> None:
        problems, heavy = find_problems(site), find_heavy(site)
        for path in site.unprinted:
            self.stderr.write(f"Left out, for it cannot be printed here: {path}")
        if heavy and self._allow_heavy:
            self.stderr.write("\n".join(heavy))
        elif heavy:
            problems += heavy
        if problems:
            raise CommandError(_list_problems(problems))


class _Writing:
    """A bar whose total is known once it begins."""

    def __init__(self, label: str = "Writing", *, quiet: bool) -> None:
        self._label, self._quiet = label, quiet
        self._bar: Bar | None = None

    def show(self, done: int, total: int) -> None:
        if not self._quiet:
            self._bar = self._bar or Bar(self._label, total, sys.stderr)
            self._bar.show(done)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.end()


def _open_host(text: str) -> Host:
    target = read_target(text, endpoint=settings.S3_ENDPOINT_URL, rehearsal=settings.REHEARSAL)
    if isinstance(target, Path):
        return FolderHost(target.absolute())
    client = open_client(target.endpoint, alone=settings.REHEARSAL)
    return S3Host(target, client=client, clock=timezone.now)


def _list_files(site: Site, *, in_folder: bool, precompress: bool) -> list[Artefact]:
    files = site.artefacts
    if in_folder:
        files += host_files(Said(site.page_headers, site.languages, live=list_live()))
    if not precompress:
        return files
    return [packed for file in files for packed in compress_at_host(file, beside=in_folder)]


def list_live() -> tuple[str, ...]:
    """Return the addresses below the site that no file can answer."""
    # The last has no language: it stands in an SMS.
    return (settings.CMS_JOIN_PATH, settings.CMS_STOP_PATH, reverse("find_stop"))


def _list_problems(problems: list[str]) -> str:
    shown = "\n".join(f"  {problem}" for problem in problems[:_PROBLEMS_SHOWN])
    more = len(problems) - _PROBLEMS_SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    return f"Nothing was written. What is wrong with the site:\n{shown}{rest}"


def _sum_up(done: Delivered, *, seconds: float) -> str:
    return (
        f"The site is there: {done.files} files. {done.written} written "
        f"({done.size / 1_000_000:.1f} MB), {done.deleted} deleted, "
        f"{done.files - done.written} as they were. {seconds:.0f} s."
    )


def _hold_nothing() -> None:
    """Publish to nowhere."""
