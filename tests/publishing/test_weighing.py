"""What a page weighs, and that none goes live that weighs too much."""

import random
from typing import Any

import pytest
from django.utils import timezone

from cms import budgets
from cms.models import ContactPoint, Fact, NotPublishable, RoutePage, StoredAnswer
from cms.publishing import weighing
from cms.publishing.making import Made, make
from cms.publishing.weighing import known_weights, pages_showing, weigh, weigh_made
from cms.reader.addresses import part_path
from cms.reader.tracing import Kind
from cms.rights import Role
from tests.cms.forms import edit_url
from tests.cms.people import browser_of, make_person
from tests.cms.reading import read
from tests.cms.telling import tell_story

PAGE = b"""<html><head><link rel="manifest" href="/m"><link rel="icon" href="data:,">
<script src="/s" defer></script></head><main><div class="card"><h2>Long</h2><p>%s</p></div>
<div class="card"><h2>Short</h2></div><img src="/a.webp" loading="lazy"></main>"""


def noise(words: int) -> str:
    """Return words that no compression makes much shorter."""
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(chance.choices(letters, k=9)) for _word in range(words))


def find_fact() -> Fact:
    return Fact.objects.get(key="CM-R1", locale__language_code="en")


@pytest.fixture
def page(starter: Any) -> str:
    fact = find_fact()
    routes = {*fact.routes.all(), *(leg.route for leg in fact.legs.all())}
    pages = RoutePage.objects.filter(migration_route__in=routes, locale__language_code="en")
    return part_path("en", pages.order_by("path")[0].slug, Kind.RISKS)


def test_weight_counts_headers_and_what_the_page_loads_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weighing, "make", lambda path, **_: Made(path, 200, b"x" * 100, {}))
    body = PAGE % noise(50).encode()

    bare = weigh_made(Made("/", 200, body, {}))
    headed = weigh_made(Made("/", 200, body, {"X": "y" * 95}))

    assert bare.requests == 3
    assert headed.first - bare.first == 100
    assert bare.total > bare.first > bare.page - 1
    assert [part.name for part in bare.heaviest] == ["Long", "Short"]
    assert bare.is_within


def test_page_of_the_starter_pack_is_within_its_budget(page: str) -> None:
    weight = weigh(page)

    assert weight is not None
    assert weight.is_within
    assert weight.first < budgets.FIRST_PAINT / 2
    assert weight.requests <= budgets.REQUESTS
    assert weigh("/en/nothing-is-here/") is None
    assert not StoredAnswer.objects.exists()


def test_text_that_makes_a_page_too_heavy_does_not_go_live(page: str) -> None:
    make(page)
    fact = find_fact()
    before, fact.statement = fact.statement, noise(2_500)
    revision = fact.save_revision()

    with pytest.raises(NotPublishable) as refusal:
        revision.publish()

    assert page in str(refusal.value)
    assert "of 14.0 KB" in str(refusal.value)
    assert noise(3)[:20] in str(refusal.value)
    assert find_fact().statement == before
    assert before in make(page).body.decode()
    assert not StoredAnswer.objects.filter(is_stale=True).exists()


def test_one_story_more_never_makes_the_page_of_stories_too_heavy(
    starter: Any, client: Any
) -> None:
    today = timezone.localdate()
    words = {f"CM-S{number}": noise(400 + number) for number in range(1, 13)}
    for key, text in words.items():
        tell_story(today=today, key=key, title=f"Night {key}", told_as="Mariam", statement=text)

    page = read(client, "/en/cmed/stories/")
    whole = [key for key, text in words.items() if text in page]

    assert 1 <= len(whole) < len(words)
    for key, text in words.items():
        assert f'<a href="/en/story/{key.lower()}/">Night {key}</a>' in page
        assert text in read(client, f"/en/story/{key.lower()}/")
    weight = weigh("/en/cmed/stories/")
    assert weight is not None
    assert weight.is_within


def test_story_too_long_for_a_list_leaves_room_for_shorter_ones(starter: Any, client: Any) -> None:
    today = timezone.localdate()
    tell_story(today=today, key="CM-S1", statement=noise(1_000))
    tell_story(today=today, key="CM-S2", statement="I waited.")

    page = read(client, "/en/cmed/stories/")

    assert "I waited." in page
    assert noise(1_000) not in page


def test_page_nobody_has_asked_for_is_weighed_too(page: str) -> None:
    fact = find_fact()
    fact.statement = noise(2_500)

    with pytest.raises(NotPublishable):
        fact.save_revision().publish()


def test_page_in_another_language_on_which_the_original_stands_in_is_weighed_too(page: str) -> None:
    fact, words = find_fact(), noise(2_400).split()
    Fact.objects.filter(translation_key=fact.translation_key).exclude(pk=fact.pk).delete()
    there = page.replace("/en/", "/ar/")
    make(page)
    shown = make(there).body.decode()
    assert fact.statement in shown
    arabic = Fact.objects.filter(locale__language_code="ar", live=True).order_by("key")
    beside = next(one for one in arabic if one.statement in shown)
    Fact.objects.filter(pk=beside.pk).update(statement=" ".join(words[:1_200]))
    assert words[0] in make(there, anew=True).body.decode()
    fact.statement = " ".join(words[1_200:])

    with pytest.raises(NotPublishable, match=there):
        fact.save_revision().publish()


def test_list_of_countries_is_weighed_with_whoever_answers_from_anywhere(starter: Any) -> None:
    make("/en/help/")
    contact = next(
        contact
        for contact in ContactPoint.objects.filter(locale__language_code="en", live=True)
        if not contact.reach_from
    )
    contact.routes.clear()
    contact.legs.clear()
    contact.statement = noise(2_500)

    with pytest.raises(NotPublishable, match="/en/help/ "):
        contact.save_revision().publish()


def test_page_that_is_too_heavy_already_may_become_lighter(page: str) -> None:
    fact = find_fact()
    Fact.objects.filter(pk=fact.pk).update(statement=noise(2_500))
    make(page)
    fact.statement = noise(2_000)

    fact.save_revision().publish()

    assert find_fact().statement == noise(2_000)


def test_text_that_surely_fits_costs_no_page(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make(page)
    fact = find_fact()
    monkeypatch.setattr(weighing, "pages_showing", lambda _row: [page])
    monkeypatch.setattr(weighing, "weigh", lambda _path: pytest.fail("nothing had to be made"))
    fact.statement = "Shorter."

    fact.save_revision().publish()


def test_weighed_are_the_pages_of_a_row_in_its_own_language(page: str) -> None:
    make(page)
    fact = find_fact()

    assert [path for path, _size in known_weights(fact)] == [page]
    assert page in pages_showing(fact)
    assert all(path.startswith("/en/") for path in pages_showing(fact))


def test_editor_sees_what_the_pages_that_show_a_text_weigh(page: str) -> None:
    make(page)
    size = StoredAnswer.objects.get(path=page).size_br + weighing.HEADERS
    desk = browser_of(make_person("editor", Role.EDITORS))

    shown = desk.get(edit_url(find_fact())).content.decode()

    assert f"Weight on a phone: {size / 1024:.1f} of 14.0 KB" in shown
    assert page in shown


def test_budgets_are_those_of_the_promise() -> None:
    assert (budgets.FIRST_PAINT, budgets.COMPLETE, budgets.REQUESTS) == (14_336, 30_720, 3)
    assert (budgets.SCRIPT, budgets.SINGLE_FILE, budgets.PICTURE) == (3_072, 153_600, 20_480)
    assert budgets.AUDIO_BITS_PER_SECOND == 24_000
