"""Links to what no file can answer: from wherever the files are, they lead to our own server."""

from cms.publishing.checking import find_problems, list_outside
from tests.publishing.sites import HOME, SMALL, gathered, page

LIVE = ("/{language}/join/", "/{language}/stop/")
PAGES = {**SMALL, "/en/": page("Home", "/", "/en/road/", "/en/about/", "/en/join/", "/en/stop/")}


def test_link_to_a_live_page_names_our_server() -> None:
    site = gathered(PAGES, live=LIVE)
    body = site.pages["/en/"].artefact.body.decode()
    assert f'<a href="{HOME}/en/join/">' in body
    assert f'<a href="{HOME}/en/stop/">' in body
    assert '<a href="/en/road/">' in body


def test_live_page_is_no_missing_file_and_nobody_else_s() -> None:
    site = gathered(PAGES, live=LIVE)
    assert find_problems(site) == []
    assert list_outside(site) == []


def test_what_only_looks_like_a_live_page_is_still_missed() -> None:
    site = gathered({**PAGES, "/en/about/": page("x", "/en/stop/here/", "/join/")}, live=LIVE)
    assert [line.split(" leads to ")[1] for line in find_problems(site)] == [
        "/en/stop/here/, which is not part of the site.",
        "/join/, which is not part of the site.",
    ]


def test_site_without_live_pages_is_as_it_was() -> None:
    site = gathered(SMALL)
    assert site.pages["/en/"].artefact.body.count(b"href") == SMALL["/en/"].count(b"href")
    assert list_outside(site) == []
