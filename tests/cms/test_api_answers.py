"""What every public answer carries: tags, caching, errors, and no trace of the reader."""

import gzip
import logging
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.models import Fact, Source
from tests.architecture.sources import BASE_DIR

PATHS = ("languages", "routes", "facts", "pathways", "claims", "contacts", "alerts", "stories")
EVERY_PATH = (*PATHS, "routes/cmed", "facts/CM-R1", "openapi.json")

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("cms.api.endpoints.timezone.localdate", lambda: today)


@pytest.fixture
def api() -> Client:
    return Client()


def tag_of(api: Client, path: str) -> str:
    return str(api.get(f"/api/v1/{path}")["ETag"])


# ---- Tags --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EVERY_PATH)
def test_known_answer_is_not_sent_again(api: Client, path: str) -> None:
    first = api.get(f"/api/v1/{path}")
    again = api.get(f"/api/v1/{path}", headers={"if-none-match": first["ETag"]})

    assert not first["ETag"].startswith("W/")
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
        assert again[name] == first[name]


@pytest.mark.parametrize("path", ["facts", "facts/CM-R1"])
def test_changed_fact_changes_the_tag(api: Client, path: str) -> None:
    before = tag_of(api, path)
    assert tag_of(api, path) == before

    Fact.objects.filter(key="CM-R1").update(statement="Another number.")
    assert tag_of(api, path) != before


def test_everything_that_an_answer_says_changes_its_tag(
    api: Client, monkeypatch: pytest.MonkeyPatch, today: date
) -> None:
    tags = [tag_of(api, "facts/CM-R1"), tag_of(api, "facts/CM-R1?language=ar")]
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    Source.objects.filter(pk=fact.sources.all()[0].pk).update(checked_on=today)
    tags.append(tag_of(api, "facts/CM-R1"))
    Fact.objects.filter(key="CM-R1").update(status="checked")
    tags.append(tag_of(api, "facts/CM-R1"))
    monkeypatch.setattr("cms.api.endpoints.timezone.localdate", lambda: today + timedelta(days=1))
    tags.append(tag_of(api, "facts/CM-R1"))

    assert len(set(tags)) == len(tags)


def test_compressed_answer_says_the_same_under_a_tag_of_its_own(api: Client) -> None:
    plain = api.get("/api/v1/facts")
    packed = api.get("/api/v1/facts", headers={"accept-encoding": "br, gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 3
    assert packed["ETag"] != plain["ETag"]
    assert "Accept-Encoding" in plain["Vary"]
    known = {"accept-encoding": "gzip", "if-none-match": packed["ETag"]}
    assert api.get("/api/v1/facts", headers=known).status_code == 304
    refused = api.get("/api/v1/facts", headers={"accept-encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused


# ---- Open to all, and nobody watched -----------------------------------------------------------


@pytest.mark.parametrize("path", EVERY_PATH)
def test_anybody_may_read_and_keep_an_answer_and_nobody_is_marked(api: Client, path: str) -> None:
    api.cookies["sessionid"] = "somebody"
    response = api.get(f"/api/v1/{path}")

    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert not response.cookies
    assert "Cookie" not in response["Vary"]
    assert not Session.objects.exists()


def test_answer_does_not_depend_on_the_language_of_the_browser(api: Client) -> None:
    for path in EVERY_PATH:
        tags = {
            api.get(f"/api/v1/{path}", headers={"accept-language": code})["ETag"]
            for code in ("en", "ar")
        }
        assert len(tags) == 1


def test_address_of_a_reader_is_in_no_log(api: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        api.get("/api/v1/facts", {"colour": "red"}, REMOTE_ADDR="203.0.113.9")
        api.get("/api/v1/facts/nix", REMOTE_ADDR="203.0.113.9")
        api.get("/api/v1/facts", REMOTE_ADDR="203.0.113.9")

    assert "203.0.113.9" not in caplog.text
    assert "colour" not in caplog.text


def test_head_tells_what_get_would(api: Client) -> None:
    for path in EVERY_PATH:
        whole, head = api.get(f"/api/v1/{path}"), api.head(f"/api/v1/{path}")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
            assert head[name] == whole[name]


# ---- Errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("path", [*EVERY_PATH, "nowhere"])
def test_nothing_can_be_written(method: str, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = getattr(strict, method)(f"/api/v1/{path}")

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response.json()["errors"][0]["parameter"] is None


@pytest.mark.database
@pytest.mark.parametrize(
    ("path", "parameter", "words"),
    [
        ("facts?language=xx", "language", "No language has the code 'xx'"),
        ("facts/CM-R1?language=xx", "language", "No language has the code 'xx'"),
        ("routes?language=", "language", "No language has the code ''"),
        ("facts?route=nowhere", "route", "No route has the code 'nowhere'"),
        ("facts?route=%00", "route", "No route has the code"),
        ("contacts?country=ly", "country", "No country has the code 'ly'"),
        ("contacts?kind=pub", "kind", "'emergency_sea'"),
        ("facts?limit=101", "limit", "100"),
        ("facts?limit=0", "limit", "1"),
        ("facts?limit=many", "limit", "integer"),
        ("facts?offset=-1", "offset", "0"),
        ("facts?offset=99999999999999999999999", "offset", "1000000"),
        ("facts?colour=red", "colour", "There is: language, limit"),
        ("routes?kind=risk", "kind", "no such parameter"),
        ("facts?limit=1&limit=2", "limit", "twice"),
    ],
)
def test_mistake_names_the_parameter(api: Client, path: str, parameter: str, words: str) -> None:
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 422
    (mistake,) = response.json()["errors"]
    assert mistake["parameter"] == parameter
    assert words in mistake["message"]
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in response


def test_every_mistake_is_named_at_once(api: Client) -> None:
    errors = api.get("/api/v1/facts?limit=0&language=xx&kind=x").json()["errors"]
    assert {error["parameter"] for error in errors} == {"limit", "language", "kind"}


@pytest.mark.database
@pytest.mark.parametrize(
    "path", ["", "nowhere", "facts/", "facts/nix", "facts/%00", "routes/nix", "routes/%00", "docs"]
)
def test_what_is_not_there_is_said_in_the_same_form(api: Client, path: str) -> None:
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 404
    assert response.json()["errors"][0]["parameter"] is None


NAMES = st.sampled_from(["language", "route", "country", "kind", "limit", "offset", "x"])
VALUES = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.sampled_from(["en", "ar", "cmed", "LY", "risk", "safe_journey", "1", "100", "\0", "%", "_"]),
)


@pytest.mark.database
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), query=st.lists(st.tuples(NAMES, VALUES), max_size=4))
def test_no_question_breaks_it(api: Client, path: str, query: list[tuple[str, str]]) -> None:
    asked: dict[str, Any] = {}
    for name, value in query:
        asked.setdefault(name, []).append(value)
    response = api.get(f"/api/v1/{path}", asked)

    assert response.status_code in {200, 422}
    assert ("errors" in response.json()) is (response.status_code == 422)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), raw=st.text(alphabet="&=?%;+[]0aé\0 ", max_size=20))
def test_no_broken_query_string_breaks_it(api: Client, path: str, raw: str) -> None:
    assert api.get(f"/api/v1/{path}", QUERY_STRING=raw).status_code in {200, 422}


# ---- Its document ------------------------------------------------------------------------------


def test_document_names_every_address_and_no_other_machine(api: Client) -> None:
    text = (BASE_DIR / "docs/api.md").read_text(encoding="utf-8")
    paths = api.get("/api/v1/openapi.json").json()["paths"]

    assert all(path.removeprefix("/api/v1") in text for path in paths)
    examples = [line for line in text.splitlines() if line.startswith("curl ")]
    assert examples
    assert all("http://127.0.0.1:8000/api/v1/" in line for line in examples)
