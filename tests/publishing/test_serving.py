"""Stored answers as a browser gets them."""

import gzip
from datetime import timedelta
from typing import Any

import brotli
import pytest
from django.test import Client
from django.utils import timezone

from cms.models import StoredAnswer, StoredUse
from cms.publishing import storing
from cms.publishing.compressing import choose_encoding
from cms.publishing.making import make
from locales.folding import fold_for_search

ONE = "/en/one/"


@pytest.fixture
def phone() -> Client:
    return Client(headers={"accept-encoding": "gzip, deflate, br"})


def test_answer_is_stored_and_then_served_without_the_view(site: Any, phone: Client) -> None:
    first, second = phone.get(ONE), phone.get(ONE)

    assert site.asked == [ONE]
    assert brotli.decompress(second.content).decode().count(site.TEXT) == 1
    assert second.content == first.content
    assert dict(second.items()) == dict(first.items())


def test_stored_answer_costs_one_query(
    site: Any, phone: Client, django_assert_num_queries: Any
) -> None:
    phone.get(ONE)

    with django_assert_num_queries(1):
        phone.get(ONE)


def test_headers_of_a_stored_answer(site: Any, phone: Client) -> None:
    phone.get(ONE)
    answer = phone.get(ONE)

    assert answer["Content-Encoding"] == "br"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Content-Language"] == "en"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", "identity"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("identity, br;q=0.5", "identity"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("", "identity"),
        ("br;q=nonsense", "identity"),
        ("BR", "br"),
    ],
)
def test_encoding_is_one_that_the_browser_takes(accepted: str, encoding: str) -> None:
    assert choose_encoding(accepted) == encoding


def test_each_encoding_has_its_own_tag_and_the_same_text(site: Any) -> None:
    answers = {
        name: Client(headers={"accept-encoding": name}).get(ONE)
        for name in ("br", "gzip", "identity")
    }

    plain = answers["identity"].content
    assert brotli.decompress(answers["br"].content) == plain
    assert gzip.decompress(answers["gzip"].content) == plain
    assert "Content-Encoding" not in answers["identity"]
    assert len({answer["ETag"] for answer in answers.values()}) == 3
    assert site.asked == [ONE]


def test_what_a_browser_has_already_is_not_sent_again(site: Any, phone: Client) -> None:
    tag = phone.get(ONE)["ETag"]

    again = phone.get(ONE, headers={"if-none-match": tag})
    other = phone.get(ONE, headers={"if-none-match": '"another"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == tag
    assert again["Cache-Control"] == "public, max-age=300"
    assert again["Vary"] == "Accept-Encoding"
    # Or a browser would take over a laxer one.
    assert again["Referrer-Policy"] == "no-referrer"
    assert other.status_code == 200


def test_head_says_what_get_would_and_sends_nothing(site: Any, phone: Client) -> None:
    first = phone.head(ONE)
    full = phone.get(ONE)
    second = phone.head(ONE)

    for answer in (first, second):
        assert answer.content == b""
        assert answer["ETag"] == full["ETag"]
    assert second["Content-Length"] == full["Content-Length"]


def test_query_string_changes_nothing_and_stores_nothing(site: Any, phone: Client) -> None:
    phone.get(f"{ONE}?of=somebody")
    assert not StoredAnswer.objects.exists()

    phone.get(ONE)
    site.asked.clear()
    assert phone.get(f"{ONE}?{'x' * 3000}").status_code == 200
    assert site.asked == []


@pytest.mark.parametrize("path", ["/en/plain/", "/en/cookie/", "/en/somebody/", "/cms/one/"])
def test_what_says_nothing_or_is_somebodys_is_not_stored(
    site: Any, phone: Client, path: str
) -> None:
    assert phone.get(path).status_code == 200

    assert not StoredAnswer.objects.exists()


def test_page_that_is_not_there_is_compressed_and_not_stored(site: Any, phone: Client) -> None:
    answer = phone.get("/en/plain/")
    assert answer["Content-Encoding"] == "br"
    assert answer["Vary"].split(", ")[-1] == "Accept-Encoding"
    assert brotli.decompress(answer.content).decode() == site.TEXT

    assert phone.get("/en/nothing/").status_code == 404
    assert not StoredAnswer.objects.exists()


def test_answer_is_stored_with_what_a_search_needs(site: Any, phone: Client) -> None:
    phone.get(ONE)

    row = StoredAnswer.objects.get()
    assert (row.path, row.kind, row.language, row.title) == (ONE, "plain", "en", "One")
    assert row.folded == fold_for_search(site.TEXT)
    assert (row.size_br, row.size) == (len(row.body_br), len(gzip.decompress(row.body_gzip)))
    assert list(StoredUse.objects.values_list("token", flat=True)) == ["text:one"]


def test_answer_ends_on_the_day_on_which_it_would_be_another(
    site: Any, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    site.said["until"] = today + timedelta(days=1)
    phone.get(ONE)
    phone.get(ONE)
    assert len(site.asked) == 1

    StoredAnswer.objects.update(until=today)

    phone.get(ONE)
    assert len(site.asked) == 2


def test_answer_is_not_trusted_for_longer_than_a_day(site: Any, phone: Client) -> None:
    phone.get(ONE)
    StoredAnswer.objects.update(made_at=timezone.now() - timedelta(hours=23, minutes=59))
    phone.get(ONE)
    assert len(site.asked) == 1

    StoredAnswer.objects.update(made_at=timezone.now() - timedelta(hours=24))
    phone.get(ONE)
    assert len(site.asked) == 2


def test_answer_of_an_older_build_is_made_anew(
    site: Any, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.get(ONE)
    monkeypatch.setattr(storing, "fingerprint", lambda: "another")

    phone.get(ONE)

    assert len(site.asked) == 2
    assert StoredAnswer.objects.get().build == "another"


def test_answer_made_anew_keeps_its_row_and_drops_what_it_no_longer_uses(
    site: Any, phone: Client
) -> None:
    phone.get(ONE)
    row = StoredAnswer.objects.get()
    site.said.update(token="text:two", words="Other words")
    storing.mark_stale({"text:one"})

    phone.get(ONE)

    again = StoredAnswer.objects.get()
    assert again.pk == row.pk
    assert again.etag != row.etag
    assert list(again.uses.values_list("token", flat=True)) == ["text:two"]


def test_only_what_uses_a_thing_becomes_stale(site: Any, phone: Client) -> None:
    phone.get(ONE)
    site.said["token"] = "text:two"
    phone.get("/en/two/")

    assert storing.mark_stale({"text:one", "text:three"}) == 1

    assert StoredAnswer.objects.get(is_stale=True).path == ONE


def test_what_is_gone_leaves_no_text_behind(site: Any, phone: Client) -> None:
    phone.get("/en/gone/")
    assert StoredAnswer.objects.count() == 1
    storing.mark_stale({"text:one"})
    site.said["words"] = "410"

    assert phone.get("/en/gone/").status_code == 410

    assert not StoredAnswer.objects.exists()
    assert not StoredUse.objects.exists()


def test_house_makes_an_answer_as_a_reader_gets_it(site: Any, phone: Client) -> None:
    made = make(ONE)

    assert (made.status, made.kind, made.language, made.title) == (200, "plain", "en", "One")
    assert site.TEXT in made.body.decode()
    assert "Content-Encoding" not in made.headers
    assert made.headers["Cache-Control"] == "public, max-age=300"
    assert "Content-Security-Policy" in made.headers
    assert brotli.decompress(phone.get(ONE).content) == made.body
    assert make(ONE) == made
    assert site.asked == [ONE]


def test_house_makes_an_answer_without_keeping_it(site: Any) -> None:
    make(ONE, keep=False)
    assert not StoredAnswer.objects.exists()

    make(ONE)
    site.said["words"] = "Newer words"
    made = make(ONE, anew=True, keep=False)

    assert b"Newer words" in made.body
    assert b"Newer words" not in make(ONE).body
