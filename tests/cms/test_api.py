"""The public interface gives what readers see, to anybody, and says how far it can be trusted."""

import html
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ninja.responses import NinjaJSONEncoder
from wagtail.models import Locale

from cms.api import schemas
from cms.api.finding import givable
from cms.freshness import Age
from cms.holding import age_of_entry
from cms.models import (
    Alert,
    Claim,
    ContactPoint,
    Fact,
    Pathway,
    Route,
    RoutePage,
    Story,
    StoryConsent,
    TranslationState,
)
from cms.reader.addresses import PARTS, part_path
from cms.reader.showing import TEXTS

PAGE_SHAPES: dict[str, Any] = {
    "languages": schemas.Page[schemas.Tongue],
    "routes": schemas.Page[schemas.Route],
    "facts": schemas.Page[schemas.Fact],
    "pathways": schemas.Page[schemas.Pathway],
    "claims": schemas.Page[schemas.Claim],
    "contacts": schemas.Page[schemas.Contact],
    "alerts": schemas.Page[schemas.Alert],
    "stories": schemas.Page[schemas.Story],
}
ENTRY_MODELS: dict[str, Any] = {
    "facts": Fact,
    "pathways": Pathway,
    "claims": Claim,
    "contacts": ContactPoint,
    "alerts": Alert,
    "stories": Story,
}
OF_THE_PACK = ("facts", "pathways", "claims", "contacts")
# Readers' pages do not show these yet.
NOT_ON_PAGES = {"who_applies", "scams_seen"}
_BDI = re.compile(r"</?bdi[^>]*>")

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("cms.api.endpoints.timezone.localdate", lambda: today)


@pytest.fixture
def api() -> Client:
    return Client()


def get(api: Client, path: str, *, status: int = 200, **query: Any) -> Any:
    response = api.get(f"/api/v1/{path}", query)
    assert response.status_code == status, response.content
    return response.json()


def everything(api: Client, path: str, **query: Any) -> dict[str, Any]:
    found = get(api, path, limit=100, **query)
    assert found["total"] == len(found["entries"])
    return {entry.get("key") or entry["code"]: entry for entry in found["entries"]}


def original(model: Any, key: str) -> Any:
    return model.objects.get(key=key, translation_state=TranslationState.ORIGINAL)


def make_alert(today: date, **fields: Any) -> Alert:
    values = {"key": "A-1", "title": "Port closed", "statement": "The port is closed.", **fields}
    values.setdefault("begins", today)
    values.setdefault("expires", today + timedelta(days=3))
    alert = Alert(
        locale=Locale.objects.get(language_code="en"), review_by=values["expires"], **values
    )
    alert.save()
    return alert


def make_story(today: date, **consent: Any) -> Story:
    values = {"reference": "P-7", "given_on": today, "how": "spoken", "wording": "Yes.", **consent}
    yes = StoryConsent.objects.create(**{"scope": ["web"], "of_age": True, **values})
    story = Story(
        key="S-1",
        title="I came back",
        told_as="Mariam",
        statement="I was told it would take a day.",
        consent=yes,
        review_by=today + timedelta(days=90),
        locale=Locale.objects.get(language_code="en"),
    )
    story.save()
    return story


# ---- The description ---------------------------------------------------------------------------


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from references(inner)


def test_description_lists_every_address_and_nothing_is_left_open(api: Client) -> None:
    described = get(api, "openapi.json")

    assert described["openapi"].startswith("3.1")
    assert described["info"]["license"]["name"] == "CC-BY-4.0"
    single = {"routes/{code}", "facts/{key}", "pathways/{key}", "claims/{key}", "contacts/{key}"}
    assert set(described["paths"]) == {f"/api/v1/{name}" for name in {*PAGE_SHAPES, *single}}
    assert all(set(path) == {"get"} for path in described["paths"].values())
    schemas_there = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= schemas_there
    names = [path["get"]["operationId"] for path in described["paths"].values()]
    assert len(set(names)) == len(names)
    assert "get_fact" in names


def test_public_texts_are_those_that_readers_are_shown() -> None:
    for name, model in ENTRY_MODELS.items():
        entry = PAGE_SHAPES[name].model_fields["entries"].annotation.__args__[0]
        texts = entry.model_fields["texts"].annotation
        assert set(texts.model_fields) == set(TEXTS[model]), name


@pytest.mark.database
@pytest.mark.parametrize("path", PAGE_SHAPES)
@pytest.mark.parametrize("language", ["en", "ar", "wo"])
def test_answer_has_exactly_the_described_shape(
    api: Client, today: date, path: str, language: str
) -> None:
    make_alert(today)
    make_story(today)
    body = get(api, path, language=language, limit=100)

    known = PAGE_SHAPES[path].model_validate(body).model_dump()
    assert json.loads(json.dumps(known, cls=NinjaJSONEncoder)) == body
    assert body["entries"]
    assert (body["language"], body["day"], body["licence"]) == (language, "2026-11-21", "CC-BY-4.0")


@pytest.mark.parametrize("path", [*OF_THE_PACK, "routes"])
def test_entry_alone_is_the_entry_of_the_list(api: Client, path: str) -> None:
    for key, entry in everything(api, path, language="fr").items():
        assert get(api, f"{path}/{key}", language="fr")["entry"] == entry


def test_languages_say_where_to_fall_back_to(api: Client) -> None:
    languages = everything(api, "languages")

    assert languages["aeb"]["fallbacks"] == ["ar", "fr"]
    assert languages["ar"]["direction"] == "rtl"
    assert languages["ar"]["is_published"]
    assert not languages["wo"]["is_published"]


def test_routes_are_ordered_legs_with_their_languages(api: Client) -> None:
    routes = everything(api, "routes")
    cmed = Route.objects.get(code="cmed")

    assert len(routes) == 13
    assert [leg["country"] for leg in routes["cmed"]["legs"]] == [
        leg.country for leg in cmed.legs.all()
    ]
    assert [row["code"] for row in routes["cmed"]["languages"]][:1] == [
        cmed.languages.all()[0].code
    ]
    assert "cmed" in everything(api, "routes", country="LY")
    assert "cmed" not in everything(api, "routes", country="MX")


# ---- The same as on the page -------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar"])
def test_parts_of_a_route_show_what_is_given_and_nothing_else(api: Client, language: str) -> None:
    for page in RoutePage.objects.filter(locale__language_code=language, live=True):
        code = page.migration_route.code
        parts = [api.get(part_path(language, page.slug, part)) for part in PARTS]
        # Figures in a sentence from right to left stand in an element of their own.
        text = _BDI.sub("", html.unescape("".join(part.content.decode() for part in parts)))
        assert get(api, f"routes/{code}", language=language)["entry"]["texts"]["name"] == {
            "text": page.title,
            "language": language,
            "is_fallback": False,
        }
        entries = [
            entry
            for path in OF_THE_PACK
            for entry in everything(api, path, route=code, language=language).values()
            if path != "facts" or entry["kind"] in {"risk", "rule"}
        ]
        assert text.count('<div class="card">') == len(entries)
        for entry in entries:
            for name, given_text in entry["texts"].items():
                shown = given_text is None or name in NOT_ON_PAGES or given_text["text"] in text
                assert shown, (entry["key"], name)
            assert all(source["publisher"] in text for source in entry["sources"])
            assert entry.get("number", "") in text


def test_wording_that_endangers_a_partner_is_softened_as_on_the_page(api: Client) -> None:
    Fact.objects.filter(key="CM-R1").update(
        partner_safety=True, statement="Named.", softer_statement="Softer."
    )

    assert get(api, "facts/CM-R1")["entry"]["texts"]["statement"]["text"] == "Softer."
    assert b"Named." not in api.get("/api/v1/facts", {"limit": 100}).content


def test_figure_of_wording_that_endangers_a_partner_is_not_given(api: Client) -> None:
    figure = {"value": 26328, "value_is": "exact", "unit": "people", "period": "2025"}
    Fact.objects.filter(key="CM-R1").update(softer_statement="Softer.", **figure)
    assert get(api, "facts/CM-R1")["entry"]["value"] == 26328

    Fact.objects.filter(key="CM-R1").update(partner_safety=True)
    entry = get(api, "facts/CM-R1")["entry"]
    assert (entry["value"], entry["value_is"], entry["unit"], entry["period"]) == (None, "", "", "")


def test_what_editors_keep_for_themselves_is_not_given(api: Client) -> None:
    ContactPoint.objects.filter(key="CM-K1").update(tested_by="Somebody Inside")
    bodies = "".join(json.dumps(everything(api, path), ensure_ascii=False) for path in OF_THE_PACK)

    assert "Somebody Inside" not in bodies
    for model in (Fact, Pathway, Claim, ContactPoint):
        for caution in model.objects.exclude(caution="").values_list("caution", flat=True):
            assert caution not in bodies


# ---- Languages ---------------------------------------------------------------------------------


def test_machine_made_translation_says_so(api: Client) -> None:
    entry = get(api, "facts/CM-R1", language="ar")["entry"]

    assert (entry["translation"], entry["is_machine_made"]) == ("machine", True)
    assert entry["texts"]["statement"]["language"] == "ar"
    assert not entry["texts"]["statement"]["is_fallback"]


def test_language_without_a_text_falls_back_to_the_original(api: Client) -> None:
    entry = get(api, "facts/CM-R1", language="wo")["entry"]

    assert entry["translation"] == "original"
    assert entry["texts"]["statement"] == {
        "text": original(Fact, "CM-R1").statement,
        "language": "en",
        "is_fallback": True,
    }


def test_single_text_that_is_not_translated_falls_back_alone(api: Client) -> None:
    Claim.objects.filter(key="CM-C1", locale__language_code="fr").update(answer="")
    texts = get(api, "claims/CM-C1", language="fr")["entry"]["texts"]

    assert (texts["statement"]["language"], texts["answer"]["language"]) == ("fr", "en")
    assert texts["answer"]["is_fallback"]


def test_outdated_translation_is_replaced_by_the_corrected_original(api: Client) -> None:
    later = timezone.now() + timedelta(hours=1)
    Fact.objects.filter(key="CM-R1", locale__language_code="en").update(
        statement="Corrected.", changed_at=later
    )

    statement = get(api, "facts/CM-R1", language="ar")["entry"]["texts"]["statement"]
    assert statement == {"text": "Corrected.", "language": "en", "is_fallback": True}


def test_translations_are_no_entries_of_their_own(api: Client) -> None:
    for path in OF_THE_PACK:
        model = ENTRY_MODELS[path]
        originals = model.objects.filter(translation_state=TranslationState.ORIGINAL)
        assert len(everything(api, path)) == originals.exclude(key="CM-X1").count()


# ---- What is never given -----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr", "ar", "wo"])
def test_suspended_helpline_is_never_given(api: Client, language: str) -> None:
    assert original(ContactPoint, "CM-X1").has_expired

    assert "CM-X1" not in everything(api, "contacts", language=language)
    get(api, "contacts/CM-X1", language=language, status=404)


@pytest.mark.database
@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
@pytest.mark.parametrize("has_expired", [False, True])
@pytest.mark.parametrize("model", [Fact, Pathway, Claim, ContactPoint])
def test_database_and_rules_agree_on_what_has_expired(
    today: date, model: Any, days: int, has_expired: bool
) -> None:
    model.objects.update(expires=today + timedelta(days=days), has_expired=has_expired)
    entry = model.objects.filter(translation_state=TranslationState.ORIGINAL)[0]

    is_expired = age_of_entry(entry, today=today) == Age.EXPIRED
    assert givable(model, today=today).filter(pk=entry.pk).exists() is not is_expired


def test_draft_is_not_given_and_not_named_by_what_uses_it(api: Client) -> None:
    assert get(api, "claims/CM-C1")["entry"]["facts"] == ["CM-R1"]

    Fact.objects.filter(key="CM-R1").update(live=False)
    get(api, "facts/CM-R1", status=404)
    assert get(api, "claims/CM-C1")["entry"]["facts"] == []


def test_stale_fact_is_given_and_says_so(api: Client, today: date) -> None:
    Fact.objects.filter(key="CM-R1").update(review_by=today)
    assert get(api, "facts/CM-R1")["entry"]["freshness"] == "stale"


@pytest.mark.parametrize(
    "consent",
    [
        {"scope": ["messages", "audio"]},
        {"of_age": False},
        {"withdrawn_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_story_without_a_standing_yes_for_the_web_is_not_given(
    api: Client, today: date, consent: dict[str, Any]
) -> None:
    make_story(today, **consent)
    assert everything(api, "stories") == {}


def test_story_is_given_without_a_word_about_its_consent(api: Client, today: date) -> None:
    make_story(today)
    body = api.get("/api/v1/stories").content.decode()

    assert "Mariam" in body
    assert "P-7" not in body


def test_alert_is_given_from_its_first_day_to_its_last(api: Client, today: date) -> None:
    make_alert(today, key="A-NOW")
    make_alert(today, key="A-LATER", begins=today + timedelta(days=1))
    make_alert(today, key="A-OVER", begins=today - timedelta(days=3), expires=today)

    assert list(everything(api, "alerts")) == ["A-NOW"]


# ---- Narrowing and paging ----------------------------------------------------------------------


@pytest.mark.database
def test_entries_can_be_narrowed_by_route_country_and_kind(api: Client) -> None:
    found = everything(api, "facts", route="cmed", country="LY", kind="risk").values()

    assert found
    assert all("cmed" in fact["routes"] and "LY" in fact["countries"] for fact in found)
    assert {fact["kind"] for fact in found} == {"risk"}
    claims = everything(api, "claims", kind="safe_journey").values()
    assert claims
    assert all("safe_journey" in claim["types"] for claim in claims)


@pytest.mark.database
def test_country_of_a_contact_point_is_where_it_can_be_reached_from(api: Client) -> None:
    ContactPoint.objects.filter(key="CM-K3").update(reach_from=[], countries=[])
    found = everything(api, "contacts", country="LY")

    assert {"CM-K1", "CM-K3"} <= set(found)
    assert all(not point["reach_from"] or "LY" in point["reach_from"] for point in found.values())


@pytest.mark.database
def test_entry_of_a_leg_is_found_by_the_country_of_the_leg(api: Client) -> None:
    pathway = original(Pathway, "CM-P1")
    leg = Route.objects.get(code="cmed").legs.exclude(country__in=["IT"]).first()
    pathway.legs = [leg]
    pathway.save()

    assert "CM-P1" in everything(api, "pathways", country=leg.country)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(limit=st.integers(1, 40))
def test_parts_put_together_are_the_whole(api: Client, limit: int) -> None:
    whole = get(api, "facts", limit=100)
    parts = [
        entry
        for offset in range(0, whole["total"], limit)
        for entry in get(api, "facts", limit=limit, offset=offset)["entries"]
    ]
    assert parts == whole["entries"]
    assert get(api, "facts", offset=whole["total"])["entries"] == []


@pytest.mark.parametrize("path", PAGE_SHAPES)
def test_number_of_queries_does_not_grow_with_the_list(api: Client, path: str) -> None:
    counts = []
    for limit in (2, 100):
        with CaptureQueriesContext(connection) as queries:
            get(api, path, limit=limit, language="ar")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 10
