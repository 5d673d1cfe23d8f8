"""The whole readers' side as files: every answer our server would give, gathered before any is written.

It asks for answers as a browser would, through one function, and so knows nothing of how they are
made; what it yields can be brought to any host.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from cms.publishing.artefacts import Artefact, Turn, UnsafeAddress, name_file
from cms.publishing.hosting import PAGES_KEPT, carry_policy
from cms.publishing.references import References, read_references
from cms.reader.addresses import Listed
from cms.reader.tracing import Kind

Tell = Callable[[int, int], None]

_DOORS = {Kind.CHOOSER, Kind.HOME, Kind.SHORT, Kind.LOST}
_LISTINGS = {"/sitemap.xml", "/robots.txt", "/site.webmanifest"}
# Where pages may find what is listed nowhere: pictures, sound, the files of the interface.
_LOADED_FROM = ("/media/", "/static/")


class Answer(Protocol):
    """What our server answers at an address."""

    @property
    def status(self) -> int:
        """Return the status."""

    @property
    def body(self) -> bytes:
        """Return the body, not compressed."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers."""


Make = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Gathered:
    """One address with its file, what it leads to, and what our server says in its headers."""

    listed: Listed
    artefact: Artefact
    references: References
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    """Every file by its address, in words what is wrong with the site, and what could not be printed."""

    pages: Mapping[str, Gathered] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    unprinted: tuple[str, ...] = ()

    @property
    def artefacts(self) -> list[Artefact]:
        """Return the files."""
        return [page.artefact for page in self.pages.values()]

    @property
    def languages(self) -> list[str]:
        """Return the languages that the site is in: those with a page for what is not there."""
        lost = (page for page in self.pages.values() if page.listed.kind is Kind.LOST)
        return sorted({page.listed.language for page in lost} - {""})

    @property
    def page_headers(self) -> Mapping[str, str]:
        """Return what our server sends with a page."""
        doors = (page for page in self.pages.values() if page.listed.kind in _DOORS)
        return next((page.headers for page in doors), {})


def lost_path(language: str) -> str:
    """Return an address at which there is never anything, so that it answers with the page that says so."""
    return f"/{language}/404.html" if language else "/404.html"


@dataclass(frozen=True, slots=True)
class Gathering:
    """How a site is gathered: who answers, under which address it will be, and how files are named.

    `live` are addresses below a language that no file can answer, such as `/{language}/stop/`: pages lead
    to them at our own server, wherever the files are.
    """

    make: Make
    home: str
    bare: bool
    live: tuple[str, ...] = ()


def gather(listed: Sequence[Listed], how: Gathering, *, tell: Tell) -> Site:
    """Return the site of these addresses, with what they load and the pages for what is not there."""
    languages = sorted({entry.language for entry in listed if entry.kind is Kind.HOME})
    lost = [Listed(lost_path(code), Kind.LOST, code) for code in ("", *languages)]
    # What cannot be printed is known before any page is made that leads to it.
    wanted = sorted([*listed, *lost], key=lambda entry: entry.kind is not Kind.LEAFLET)
    found = _Found()
    for at, entry in enumerate(wanted, start=1):
        _add(entry, how, found)
        tell(at, len(wanted))
    for path in sorted(_loaded(found.pages.values()) - found.pages.keys()):
        _add(Listed(path, Kind.MACHINE), how, found)
    pages = {path: _name_as_served(page, found.pages) for path, page in found.pages.items()}
    problems = (*found.problems, *_find_doubles(pages.values()))
    return Site(pages, problems, tuple(sorted(found.unprinted)))


@dataclass(frozen=True, slots=True)
class _Found:
    pages: dict[str, Gathered] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unprinted: list[str] = field(default_factory=list)


def _add(entry: Listed, how: Gathering, found: _Found) -> None:
    answer = how.make(entry.path)
    wanted = 404 if entry.kind is Kind.LOST else 200
    if entry.kind is Kind.LEAFLET and answer.status == 404:
        found.unprinted.append(entry.path)
        return
    if answer.status != wanted:
        found.problems.append(f"{entry.path} answers {answer.status}.")
        return
    # Our server says where else all of it is, and may be able to print it by then.
    how = replace(how, live=(*how.live, *found.unprinted))
    try:
        artefact = _make_artefact(entry, answer, how)
        read = read_references(artefact.body, artefact.media_type, path=entry.path, home=how.home)
    except UnsafeAddress:
        found.problems.append(f"{entry.path} cannot be the name of a file.")
    except ValueError:
        found.problems.append(f"{entry.path} cannot be read.")
    else:
        found.pages[entry.path] = Gathered(entry, artefact, _leave_out(read, how), answer.headers)


def _match_live(how: Gathering) -> str:
    known = [re.escape(path.format(language="*")) for path in how.live]
    return "|".join(known).replace(re.escape("*"), "[a-z]{2,3}") or "(?!)"


def _lead_home(body: bytes, how: Gathering) -> bytes:
    """Let links to what only our server answers lead there from wherever the file is."""
    found = f'href="(?=(?:{_match_live(how)})")'.encode()
    return re.sub(found, f'href="{how.home}'.encode(), body)


def _leave_out(read: References, how: Gathering) -> References:
    """Leave out what our server alone answers: no file is missing there, and it is nobody else's."""
    live = {target for target in read.inside if re.fullmatch(_match_live(how), target[0])}
    return replace(read, inside=read.inside - live)


def _make_artefact(entry: Listed, answer: Answer, how: Gathering) -> Artefact:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    artefact = Artefact(
        key=name_file(entry.path, bare=how.bare),
        body=_lead_home(answer.body, how),
        media_type=headers.get("content-type", "application/octet-stream"),
        cache_control=headers.get("cache-control", PAGES_KEPT),
        turn=_turn(entry),
        language=headers.get("content-language", entry.language),
        disposition=headers.get("content-disposition", ""),
    )
    if entry.kind is Kind.FILE or not artefact.media_type.startswith("text/html"):
        return artefact
    policy = headers.get("content-security-policy", "")
    return replace(artefact, body=carry_policy(artefact.body, policy))


def _name_as_served(page: Gathered, pages: Mapping[str, Gathered]) -> Gathered:
    """Let a list of what a phone keeps name each file by the bytes that the host will serve."""
    if page.listed.kind is not Kind.KEPT_LIST:
        return page
    told = json.loads(page.artefact.body)
    for file in told["files"]:
        path, digest = file[0], file[2]
        if path in pages:
            file[2] = pages[path].artefact.sha256[: len(digest)]
    return replace(page, artefact=replace(page.artefact, body=json.dumps(told).encode()))


def _turn(entry: Listed) -> Turn:
    if entry.kind in _DOORS:
        return Turn.DOOR
    if entry.path in _LISTINGS or entry.kind is Kind.KEPT_LIST:
        return Turn.LISTING
    return Turn.LOADED if entry.kind is Kind.MACHINE else Turn.PAGE


def _loaded(pages: Iterable[Gathered]) -> set[str]:
    return {
        path
        for page in pages
        for path, _anchor in page.references.inside
        if path.startswith(_LOADED_FROM)
    }


def _find_doubles(pages: Iterable[Gathered]) -> list[str]:
    paths: dict[str, list[str]] = {}
    for page in pages:
        paths.setdefault(page.artefact.key, []).append(page.listed.path)
    return [f"{' and '.join(both)} would be one file." for both in paths.values() if len(both) > 1]
