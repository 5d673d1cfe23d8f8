"""What a page wears: every rule that is about something it has, no other, and a policy that fits."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cms.reader import dressing, lost
from cms.reader.dressing import POLICY, dress, fit_style, hash_of, needs_of
from cms.reader.styles import STYLE
from config.policies import READER_POLICY

PAGES = (
    "/",
    "/ar/",
    "/ar/cmed/",
    "/en/cmed/ways/",
    "/am/help/ly/",
    "/ar/search/",
    "/ar/cmed/keep/",
)
CLASSES = sorted(set(re.findall(r"\.([a-z]+)", re.sub(r"{[^{}]*}", " ", STYLE))))


def style_of(response: Any) -> str:
    (style,) = re.findall(r"<style>(.*?)</style>", response.content.decode(), re.DOTALL)
    return str(style)


def rules_of(policy: str) -> dict[str, list[str]]:
    return {name: words for name, *words in (rule.split() for rule in policy.split(";"))}


def ask(path: str, **more: Any) -> Any:
    return Client(headers={"accept-encoding": ""}).get(path, **more)


@pytest.mark.parametrize("path", PAGES)
def test_policy_of_a_page_names_its_own_style(starter: Any, path: str) -> None:
    for _made_and_then_stored in range(2):
        answer = ask(path)
        assert rules_of(answer[POLICY])["style-src"] == [hash_of(style_of(answer))]
        assert len(style_of(answer)) < len(STYLE) * 0.8


def test_policy_of_a_page_is_as_strict_as_that_of_all(starter: Any) -> None:
    sent = rules_of(ask("/en/")[POLICY])
    wanted = {name: list(words) for name, words in READER_POLICY.items()}
    assert {**sent, "style-src": []} == {**wanted, "style-src": []}


def test_headers_of_a_page_take_little_of_its_first_packet(starter: Any) -> None:
    said = "".join(f"{name}: {value}\r\n" for name, value in ask("/ar/cmed/help/").items())
    assert len(said) < 720


def test_page_that_has_not_changed_keeps_its_policy_in_the_browser(starter: Any) -> None:
    first = ask("/en/cmed/")
    again = ask("/en/cmed/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again[POLICY] == first[POLICY]


def test_answer_to_a_search_and_a_404_wear_what_they_need(starter: Any) -> None:
    ask("/en/cmed/ways/")
    found = Client(headers={"accept-encoding": ""}).post("/en/search/", {"q": "employer"})
    for answer, name in ((found, "mark{"), (ask("/en/nothing/"), ".act")):
        assert rules_of(answer[POLICY])["style-src"] == [hash_of(style_of(answer))]
        assert name in style_of(answer)
    assert "mark{" not in style_of(ask("/en/nothing/"))


def test_page_made_where_all_else_is_broken_is_dressed_too(rf: Any) -> None:
    answer = lost.answer_broken(rf.get("/ar/"))
    assert rules_of(answer[POLICY])["style-src"] == [hash_of(style_of(answer))]


@pytest.mark.parametrize("path", PAGES)
def test_whatever_a_page_has_keeps_its_look(starter: Any, path: str) -> None:
    answer = ask(path)
    text, style = answer.content.decode(), style_of(answer)
    body = text.replace(style, "")
    worn = {name for found in re.findall(r'class="([^"]*)"', body) for name in found.split()}
    for name in CLASSES:
        is_named = bool(re.search(rf"\.{name}\b(?!\()", re.sub(r":not\([^)]*\)", "", style)))
        assert is_named == (name in worn | {"note", "late"}), name
    for tag in ("dl", "svg", "input", "button", "audio", "mark"):
        assert (f"<{tag}" in body) == bool(re.search(rf"(?:^|[,}}])\s*{tag}[,{{:]", style)), tag


def test_style_of_a_page_that_has_everything_is_the_whole_style() -> None:
    names = re.findall(r"\[[^\]]*\]|\.[\w-]+|[a-z][a-z0-9]*", STYLE.replace('"', ""))
    everything = frozenset(names)
    assert re.sub(r"\s+", "", fit_style(everything)) == re.sub(r"\s+", "", STYLE)


@given(st.frozensets(st.sampled_from([*(f".{name}" for name in CLASSES), "p", "a", "nav", "ul"])))
def test_more_in_a_page_never_takes_a_rule_away(has: frozenset[str]) -> None:
    less, more = fit_style(has), fit_style(has | {".card", "h2"})
    assert set(re.findall(r"{[^{}]+}", less)) <= set(re.findall(r"{[^{}]+}", more))
    assert less.count("{") == less.count("}")


@pytest.mark.parametrize(
    ("selector", "page"),
    [
        ("#leave", '<a id="leave">'),
        ('input[type="checkbox"]', '<input type="checkbox">'),
        ("[href^=tel]", '<a href="tel:1">'),
        ("p:is(.quiet,.told) a", "<p><a>"),
        ("li:not(.card)>a::after", "<li><a>"),
        ("a:focus-visible", "<a>"),
    ],
)
def test_rule_is_kept_for_a_page_that_it_may_be_about(
    monkeypatch: pytest.MonkeyPatch, selector: str, page: str
) -> None:
    monkeypatch.setattr(dressing, "STYLE", f"{selector},.never{{color:red}}@page{{margin:0}}")
    fit_style.cache_clear()
    try:
        assert fit_style(needs_of(page)) == f"{selector}{{color:red}}@page{{margin:0}}"
        assert fit_style(needs_of("<ol>")) == "@page{margin:0}"
    finally:
        fit_style.cache_clear()


def test_what_a_page_has_is_read_from_its_tags_alone() -> None:
    page = '<p class="quiet x" lang="ar">a &lt;svg class="y"&gt; dl</p><button hidden>'
    assert {"p", ".quiet", ".x", "[lang]", "[lang=ar]", "button", "[hidden]"} <= needs_of(page)
    assert not {"svg", ".y", "dl"} & needs_of(page)


def test_answer_with_a_policy_of_its_own_or_without_our_style_is_left_alone() -> None:
    for answer in (
        HttpResponse(f"<style>{STYLE}</style>", headers={POLICY: "default-src 'none'"}),
        HttpResponse("<style>p{}</style>"),
        HttpResponse(STYLE, content_type="text/css"),
    ):
        before = (answer.content, dict(answer.items()))
        assert (dress(answer).content, dict(answer.items())) == before
