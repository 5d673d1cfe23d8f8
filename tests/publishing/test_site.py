"""The site as files: what each address becomes, what belongs to it, and what is wrong with it."""

import random

import pytest

from cms.publishing.artefacts import Turn, UnsafeAddress, compress_at_host, name_file
from cms.publishing.checking import find_heavy, find_problems, list_outside
from cms.publishing.compressing import expand
from cms.publishing.hosting import carry_policy, host_files, host_headers
from cms.publishing.references import read_references
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
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; "
        "style-src 'unsafe-inline'",
        "Referrer-Policy": "no-referrer",
    }


def test_hosts_that_read_files_get_our_headers() -> None:
    headers, nginx = host_files({"Referrer-Policy": "no-referrer"}, languages=["ar", "en"])

    assert headers.body.decode() == (
        "/*\n  Referrer-Policy: no-referrer\n  Cache-Control: public, max-age=300\n"
    )
    assert b'add_header Referrer-Policy "no-referrer" always;' in nginx.body
    assert b"location ~ ^/(ar|en)/" in nginx.body
