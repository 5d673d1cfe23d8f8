"""Whether the site may go out: every link and every anchor leads somewhere, and every page is light."""

from collections.abc import Iterator, Mapping

from cms import budgets
from cms.publishing.compressing import BEST, BR, QUICK, compress
from cms.publishing.references import References
from cms.publishing.site import Gathered, Site
from cms.publishing.weighing import WEIGHED
from cms.reader.tracing import Kind


def find_problems(site: Site) -> list[str]:
    """Return in words what is not there, each once."""
    return [*site.problems, *_find_dead_links(site.pages)]


def find_heavy(site: Site) -> list[str]:
    """Return in words what is over its budget."""
    return [said for page in site.pages.values() if (said := _say_weight(page))]


def list_outside(site: Site) -> list[str]:
    """Return every address elsewhere that the site leads to; nobody asks those whether they answer."""
    return sorted({address for page in site.pages.values() for address in page.references.outside})


def _find_dead_links(pages: Mapping[str, Gathered]) -> Iterator[str]:
    known = {path: page.references for path, page in pages.items()}
    # Many pages have the same dead link in their frame: it is said once, with one of them.
    said: dict[tuple[str, str], list[str]] = {}
    for path, page in pages.items():
        for target in page.references.inside:
            if _is_dead(target, known):
                said.setdefault(target, []).append(path)
    for (path, anchor), sources in sorted(said.items()):
        mark = f"#{anchor}" if anchor else ""
        lead = f"and {len(sources) - 1} more pages lead" if len(sources) > 1 else "leads"
        what = "has no such place" if anchor and path in known else "is not part of the site"
        yield f"{min(sources)} {lead} to {path}{mark}, which {what}."


def _is_dead(target: tuple[str, str], known: Mapping[str, References]) -> bool:
    path, anchor = target
    if path not in known:
        return True
    return bool(anchor) and anchor not in known[path].anchors


def _say_weight(page: Gathered) -> str:
    most = _budget(page)
    if not most:
        return ""
    weight = _weigh(page, most=most)
    if weight <= most:
        return ""
    path = page.listed.path
    return f"{path} weighs {weight / 1024:.1f} KB; {most / 1024:.0f} KB is the most for it."


def _budget(page: Gathered) -> int:
    """Return the most bytes that a file may have, 0 where nothing is said of it."""
    if page.listed.kind in WEIGHED:
        return budgets.FIRST_PAINT
    if page.listed.kind is Kind.FILE:
        return budgets.SINGLE_FILE
    if page.listed.path == "/reader.js":
        return budgets.SCRIPT
    return budgets.PICTURE if page.artefact.media_type.startswith("image/") else 0


def _weigh(page: Gathered, *, most: int) -> int:
    body = page.artefact.body
    if page.listed.kind is Kind.FILE or page.artefact.media_type.startswith("image/"):
        return len(body)
    headers = sum(len(name) + len(value) + 4 for name, value in page.headers.items())
    quick = headers + len(compress(body, BR, quality=QUICK))
    # The best takes thirty times as long, so only what is near its budget is weighed by it.
    return quick if quick <= most else headers + len(compress(body, BR, quality=BEST))
