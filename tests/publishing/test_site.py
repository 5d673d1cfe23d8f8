"""The site as files: what each address becomes, what belongs to it, and what is wrong with it."""

import json
import random
import re

import pytest
from django.conf import settings

from cms.passing_on.views import WORKER_POLICY
from cms.publishing.artefacts import Turn, UnsafeAddress, compress_at_host, name_file
from cms.publishing.checking import find_heavy, find_problems, list_outside
from cms.publishing.compressing import expand
from cms.publishing.hosting import BESIDE, Said, carry_policy, host_files, host_headers
from cms.publishing.middleware import ASIDE
from cms.publishing.references import read_references
from config.management.commands.publish_site import list_live
from tests.publishing.sites import HOME, HTML, POLICY, SMALL, files, gathered, page, server


@pytest.mark.parametrize(
    ("path", "in_folder", "as_object"),
    [
        ("/", "index.html", "index.html"),
        ("/en/road/", "en/road/index.html", "en/road/index.html"),
        ("/r/abc", "r/abc/index.html", "r/abc"),
        ("/reader.js", "reader.js", "reader.js"),
        ("/en/road/leaflet.pdf", "en/road/leaflet.pdf", "en/road/leaflet.pdf"),
        ("/ar/%D8%B7/", "ar/ط/index.html", "ar/ط/index.html"),
    ],
)
def test_address_becomes_a_file_that_a_plain_server_knows(
    path: str, in_folder: str, as_object: str
) -> None:
    assert name_file(path, bare=False) == in_folder
    assert name_file(path, bare=True) == as_object


@pytest.mark.parametrize(
    "path", ["/../x/", "/en/..%2f..%2fx/", "//x/", "/a%00b", "/.waymark-site.json", "/a%5Cb/"]
)
def test_address_that_would_leave_the_folder_is_no_file(path: str) -> None:
    with pytest.raises(UnsafeAddress):
        name_file(path, bare=False)


def test_site_holds_every_address_and_the_pages_for_what_is_not_there() -> None:
    keys = {file.key for file in files(SMALL)}

    assert keys == {
        *("index.html", "en/index.html", "en/road/index.html", "en/road/risks/index.html"),
        *("en/about/index.html", "r/abc/index.html", "404.html", "en/404.html"),
    }


def test_what_pages_load_comes_with_them_and_nothing_else_does() -> None:
    held = server(
        {
            "/": page('<img src="/media/a.webp" srcset="/media/b.webp 2x">', "/en/"),
            "/en/": page('<audio src="/media/c.opus"></audio>'),
            **{
                f"/media/{name}": name.encode() for name in ("a.webp", "b.webp", "c.opus", "d.opus")
            },
        }
    )
    held.types = {"/media/a.webp": "image/webp"}

    site = gathered(held)

    media = {file.key: file for file in site.artefacts if file.key.startswith("media/")}
    assert sorted(media) == ["media/a.webp", "media/b.webp", "media/c.opus"]
    assert {file.turn for file in media.values()} == {Turn.LOADED}
    assert media["media/a.webp"].media_type == "image/webp"
    assert "/media/d.opus" not in held.asked


def test_list_of_a_kept_route_names_each_file_by_the_bytes_that_the_host_serves() -> None:
    listed = {
        "files": [["/en/road/", 9, "0123456789ab"], ["/gone/", 9, "0123456789ab"]],
        "size": 18,
    }
    held = server({**SMALL, "/en/road/kept.json": json.dumps(listed).encode()})
    held.types = {"/en/road/kept.json": "application/json"}

    files = {file.key: file for file in gathered(held).artefacts}

    told = json.loads(files["en/road/kept.json"].body)
    own = files["en/road/index.html"].sha256[:12]
    assert told == {"files": [["/en/road/", 9, own], ["/gone/", 9, "0123456789ab"]], "size": 18}


def test_recording_that_is_not_live_any_more_stops_the_site() -> None:
    site = gathered({"/": page('<audio src="/media/gone.opus"></audio>')})

    assert "/media/gone.opus answers 404." in find_problems(site)


def test_file_keeps_what_the_server_says_of_it() -> None:
    first = {file.key: file for file in files(SMALL)}["en/road/index.html"]

    assert first.media_type == HTML
    assert first.cache_control == "public, max-age=300"
    assert first.language == "en"


def test_same_site_has_the_same_fingerprints_and_another_header_another_one() -> None:
    one, same, other = server(SMALL), server(SMALL), server(SMALL)
    other.types["/en/"] = "text/html"

    assert [f.fingerprint for f in files(one)] == [f.fingerprint for f in files(same)]
    assert {
        a.key
        for a, b in zip(files(one), files(other), strict=True)
        if a.fingerprint != b.fingerprint
    } == {"en/index.html"}


def test_compressed_files_stand_beside_in_a_folder_and_in_place_as_objects() -> None:
    first = next(file for file in files(SMALL) if file.key == "index.html")

    beside = compress_at_host(first, beside=True)
    (instead,) = compress_at_host(first, beside=False)

    assert [file.key for file in beside] == ["index.html.br", "index.html.gz", "index.html"]
    assert instead.key == "index.html"
    assert instead.encoding == "gzip"
    assert expand(instead.packed()) == expand(beside[1].packed()) == first.body
    assert instead.fingerprint != first.fingerprint


def test_picture_is_not_compressed_again() -> None:
    held = server({"/": page('<img src="/media/a.webp">'), "/media/a.webp": b"picture"})
    held.types = {"/media/a.webp": "image/webp"}
    picture = next(file for file in files(held) if file.key == "media/a.webp")

    assert compress_at_host(picture, beside=True) == [picture]
    assert compress_at_host(picture, beside=False) == [picture]


# ---- What is wrong -----------------------------------------------------------------------------


def test_whole_site_has_nothing_wrong() -> None:
    assert find_problems(gathered(SMALL)) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("/en/nowhere/", "/en/ leads to /en/nowhere/, which is not part of the site."),
        ("/en/road/#none", "/en/ leads to /en/road/#none, which has no such place."),
        ("../fr/", "/en/ leads to /fr/, which is not part of the site."),
        (f"{HOME}/desk/", "/en/ leads to /desk/, which is not part of the site."),
        ("http://[", "/en/ leads to http://[, which is not part of the site."),
    ],
)
def test_link_that_leads_nowhere_is_named_with_its_page(link: str, said: str) -> None:
    assert find_problems(gathered(SMALL | {"/en/": page("Home", link)})) == [said]


@pytest.mark.parametrize(
    "link",
    ["/en/road/risks/#first", "about/", "?x=1", "#main", f"{HOME}/en/", "tel:+999", "data:,"],
)
def test_link_that_leads_somewhere_is_no_problem(link: str) -> None:
    assert find_problems(gathered(SMALL | {"/en/": page("Home", link)})) == []


def test_link_that_is_dead_on_many_pages_is_said_once() -> None:
    pages = {path: page("Text", "/en/", "/gone/") for path in ("/", "/en/", "/en/a/")}

    assert find_problems(gathered(pages)) == [
        "/ and 2 more pages lead to /gone/, which is not part of the site."
    ]


@pytest.mark.parametrize(
    "markup",
    [
        '<form action="/nowhere/"></form>',
        '<p data-kept="/nowhere/"></p>',
        '<meta http-equiv="refresh" content="0; url=/nowhere/">',
        '<link rel="manifest" href="/nowhere/">',
        '<script src="/nowhere/"></script>',
    ],
)
def test_whatever_leads_on_is_read(markup: str) -> None:
    found = read_references(page(markup), HTML, path="/en/", home=HOME)

    assert ("/nowhere/", "") in found.inside


def test_lists_for_programs_are_read_too() -> None:
    kept = b'{"files": [["/en/road/", 5, "x"]], "words": {"a": "//x", "b": "text"}}'
    names = f'<urlset><loc>{HOME}/en/a/</loc><xhtml:link href="{HOME}/fr/a/"/></urlset>'.encode()

    assert read_references(kept, "application/json", path="/", home=HOME).inside == {
        ("/en/road/", "")
    }
    assert read_references(names, "application/xml", path="/", home=HOME).inside == {
        ("/en/a/", ""),
        ("/fr/a/", ""),
    }


def test_page_that_fails_is_named() -> None:
    held = server(SMALL)
    held.failing = "/en/about/"

    assert find_problems(gathered(held)) == [
        "/en/about/ answers 500.",
        "/en/ leads to /en/about/, which is not part of the site.",
    ]


def test_two_addresses_that_would_be_one_file_are_named() -> None:
    pages = SMALL | {"/en/index.html": page("Twice")}

    assert "/en/ and /en/index.html would be one file." in find_problems(gathered(pages))


def test_addresses_elsewhere_are_listed_and_not_asked() -> None:
    site = gathered(SMALL | {"/en/": page("Home", "https://example.org/b", "https://a.example/")})

    assert find_problems(site) == []
    assert list_outside(site) == ["https://a.example/", "https://example.org/b"]


# ---- What is too heavy -------------------------------------------------------------------------


def noise(size: int) -> str:
    """Return a text that does not compress below about its size."""
    return random.Random(1).randbytes(size).hex()[: size * 2]


@pytest.mark.parametrize(
    ("path", "size", "said"),
    [
        ("/en/about/", 13_000, ""),
        ("/en/about/", 15_000, "/en/about/ weighs 15."),
        ("/reader.js", 4_000, "/reader.js weighs"),
        ("/media/a.webp", 20_000, ""),
        ("/media/a.webp", 21_000, "/media/a.webp weighs 20.5 KB; 20 KB is the most for it."),
        ("/r/abc", 20_000, ""),  # weighed at its own address
    ],
)
def test_what_is_over_its_budget_is_named(path: str, size: int, said: str) -> None:
    is_picture = path.endswith("webp")
    body = b"x" * size if is_picture else page(noise(size), "/en/")
    held = server(SMALL | {"/": page('<img src="/media/a.webp">', "/en/"), path: body})
    held.bodies.setdefault("/media/a.webp", b"x")
    held.types = {"/media/a.webp": "image/webp", "/reader.js": "text/javascript"}

    site = gathered(held)

    assert find_problems(site) == []
    heavy = find_heavy(site)
    assert len(heavy) == bool(said)
    assert not said or heavy[0].startswith(said)


# ---- What a host says --------------------------------------------------------------------------


def test_page_carries_its_own_policy_without_what_only_a_header_can_say() -> None:
    body = next(file for file in files(SMALL) if file.key == "index.html").body

    assert body.count(b"Content-Security-Policy") == 1
    assert (
        b'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        b"content=\"default-src 'none'; style-src 'sha256-abc='\">"
    ) in body


def test_same_policy_in_another_order_is_the_same_page() -> None:
    one = carry_policy(page("Text"), "default-src 'none'; img-src 'self' data:")
    other = carry_policy(page("Text"), "img-src data: 'self'; default-src 'none';")

    assert one == other


def test_page_that_carries_a_policy_already_keeps_it() -> None:
    carried = carry_policy(page("Text"), POLICY)

    assert carry_policy(carried, "default-src 'self'") == carried


def test_header_of_the_host_holds_for_pages_of_every_style() -> None:
    sent = host_headers({"content-security-policy": POLICY, "Referrer-Policy": "no-referrer"})

    assert sent == {
        "Content-Security-Policy": "connect-src 'self'; default-src 'none'; frame-ancestors 'none'; "
        "style-src 'unsafe-inline'",
        "Referrer-Policy": "no-referrer",
    }


def write_for_hosts() -> tuple[str, str]:
    """Return `_headers` and the sample for nginx."""
    page = {"Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'"}
    headers, nginx = host_files(Said(page, languages=["ar", "en"], live=list_live()))
    return headers.body.decode(), nginx.body.decode()


def locations(nginx: str) -> dict[str, str]:
    """Return what the sample does at each place, by what the place is called."""
    found = re.findall(
        r"^location (.+?) \{(?: (.*?) |\n(.*?)\n)\}$", nginx, re.MULTILINE | re.DOTALL
    )
    return {place: line or lines for place, line, lines in found}


def rule_for(path: str, nginx: str) -> str:
    """Return what nginx does at an address: the exact place, else the first pattern, else the rest."""
    places = locations(nginx)
    if f"= {path}" in places:
        return places[f"= {path}"]
    patterns = [place for place in places if place.startswith("~ ")]
    found = [p for p in patterns if re.search(p.removeprefix("~ ").strip('"'), path)]
    return places[found[0] if found else "/"]


def test_hosts_that_read_files_get_our_headers() -> None:
    headers, nginx = write_for_hosts()

    assert headers == (
        "/*\n  Content-Security-Policy: connect-src 'self'; default-src 'none'\n"
        "  Referrer-Policy: no-referrer\n  Cache-Control: public, max-age=300\n"
    )
    assert 'add_header Referrer-Policy "no-referrer" always;' in nginx
    assert "location ~ ^/(ar|en)/" in nginx


def test_worker_may_fetch_by_the_policy_of_a_host_and_no_page_by_its_own() -> None:
    sent = host_headers({"Content-Security-Policy": POLICY})["Content-Security-Policy"]
    _nothing, _name, worker = WORKER_POLICY.partition("connect-src")

    assert f"connect-src{worker}" in sent.split("; ")
    # Where both speak, both have to allow it.
    assert all(b"connect-src" not in file.body for file in files(SMALL))


@pytest.mark.parametrize(
    "path",
    [
        *(path.format(language="ar") for path in (settings.CMS_JOIN_PATH, settings.CMS_STOP_PATH)),
        "/wo/join/code/",
        *("/stop", "/stop/", "/hooks/x/", "/desk/", "/cms/pages/", "/accounts/login/", "/api/v1/"),
    ],
)
def test_what_only_our_server_answers_is_passed_on_to_it(path: str) -> None:
    _headers, nginx = write_for_hosts()

    assert rule_for(path, nginx).strip() == "try_files /nothing @server;"
    assert "proxy_pass" in locations(nginx)["@server"]


def test_search_is_a_file_until_something_is_looked_for() -> None:
    _headers, nginx = write_for_hosts()

    rule = rule_for("/ar/search/", nginx)
    assert "if ($request_method = POST) { return 418; }" in rule
    assert "error_page 418 = @server;" in rule
    assert "try_files $uri $uri/index.html =404;" in rule


@pytest.mark.parametrize("path", ["/ar/", "/ar/stops/", "/ar/cmed/", "/joined/", "/stopped"])
def test_pages_are_files(path: str) -> None:
    _headers, nginx = write_for_hosts()

    assert "@server" not in rule_for(path, nginx)


def test_places_of_the_staff_are_those_that_stand_beside_the_readers() -> None:
    assert {f"/{name}/" for name in BESIDE} < set(ASIDE)
