"""The audit in words: every verb, kind and detail that the sources note is said in a sentence."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from campaigns import audit_words
from campaigns.audit_words import describe_details
from campaigns.going_out import scheduling
from campaigns.going_out.canary_rules import Fared
from campaigns.models import AuditEntry, Broadcast
from tests.campaigns import factories
from tests.campaigns.factories import Team

APPS = ("analytics", "campaigns", "cms", "config", "messaging")
# They stand between a deed and the audit, and take its words over from whoever calls them.
HELPERS = {"note", "note_once", "note_broadcast", "_note", "keep", "keep_stop"}
# What is no detail, of what they are given by name.
NO_DETAILS = {"kind", "code", "actor", "partner", "details", "now", "within", "by"}
# Words that are worked out where they are noted: how an occurrence may end, how the first few fared.
WORKED_OUT = {"verb": {str(Broadcast.State.HELD), str(Broadcast.State.MISSED)}}
FARED = set(Fared(1, 0, 0).as_data())


def list_sources() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module that writes into the audit."""
    for app in APPS:
        for path in sorted(Path(settings.BASE_DIR, app).rglob("*.py")):
            source = path.read_text("utf-8")
            if "audit.note" in source or ("import for" in source and "keep(" in source):
                yield str(path), ast.parse(source)


def list_notes() -> Iterator[tuple[str, ast.FunctionDef, ast.Call]]:
    """Yield every call that notes a deed, with the function around it."""
    for path, tree in list_sources():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _name_of(call.func) in HELPERS:
                    yield f"{path}:{call.lineno}", function, call


def find_strings(node: ast.AST, function: ast.FunctionDef) -> set[str]:
    """Return the words that an expression may be: written there, or in what it was made from."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        return find_strings(node.body, function) | find_strings(node.orelse, function)
    if isinstance(node, ast.Name):
        return {
            word
            for value in _find_values(node.id, function)
            for word in find_strings(value, function)
        }
    return set()


def find_verbs(function: ast.FunctionDef, call: ast.Call) -> set[str]:
    """Return the verbs of one call; those of a helper are those that it is called with."""
    given = [find_strings(argument, function) for argument in call.args]
    verbs = {word for words in given for word in words}
    if _name_of(call.func) == "_note":
        # The thing may stand before it, or a kind behind it.
        verbs = {word for word in verbs if not audit_words.has_words(kind=word)}
    return verbs


def find_details(function: ast.FunctionDef, call: ast.Call) -> set[str]:
    """Return the names of the details of one call."""
    found = set()
    for keyword in call.keywords:
        if keyword.arg == "details":
            found |= _find_keys(keyword.value, function)
        elif keyword.arg and keyword.arg not in NO_DETAILS:
            found.add(keyword.arg)
    return found


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _find_values(name: str, function: ast.FunctionDef) -> list[ast.expr]:
    values = []
    for node in ast.walk(function):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = any(isinstance(one, ast.Name) and one.id == name for one in targets)
        if named and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            values.append(node.value)
    return values


def _find_keys(node: ast.expr, function: ast.FunctionDef) -> set[str]:
    if isinstance(node, ast.Name):
        keys = {key for one in _find_values(node.id, function) for key in _find_keys(one, function)}
        return keys | _find_added(node.id, function)
    dicts = [one for one in ast.walk(node) if isinstance(one, ast.Dict)]
    return {key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant)}  # type: ignore[misc]


def _find_added(name: str, function: ast.FunctionDef) -> set[str]:
    """Return what is put into a dictionary after it was made."""
    return {
        str(node.slice.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
    }


def test_every_verb_has_words() -> None:
    verbs = {verb for _at, function, call in list_notes() for verb in find_verbs(function, call)}
    verbs |= WORKED_OUT["verb"]
    assert len(verbs) > 35
    assert {"prepared", "cancelled", "stopped_all", "switched_off", "dropped_factors"} <= verbs
    assert not [verb for verb in sorted(verbs) if not audit_words.has_words(verb=verb)]


def test_every_call_has_a_verb_that_can_be_found() -> None:
    unknown = [
        at
        for at, function, call in list_notes()
        if not find_verbs(function, call)
        # A helper that hands on what it is given, or the state that an occurrence ends in.
        and not {"verb", "state"}
        & {one.arg for one in [*function.args.args, *function.args.kwonlyargs]}
    ]
    assert not unknown


def test_every_kind_has_words() -> None:
    kinds = {
        word
        for _at, function, call in list_notes()
        for keyword in call.keywords
        if keyword.arg == "kind"
        for word in find_strings(keyword.value, function)
    }
    assert len(kinds) > 15
    assert not [kind for kind in sorted(kinds) if not audit_words.has_words(kind=kind)]


def test_every_detail_has_words() -> None:
    details = {key for _at, function, call in list_notes() for key in find_details(function, call)}
    details |= FARED
    assert {"people", "unsent", "outcome", "country", "instead_of"} <= details
    assert not [name for name in sorted(details) if not audit_words.has_words(detail=name)]


@pytest.mark.django_db
def test_audit_does_not_tell_what_the_page_of_a_small_broadcast_hides(
    team: Team, sign_in: Callable[[User], Client]
) -> None:
    factories.subscribe(7, country="LY")
    factories.make_price("LY")
    segment = factories.make_segment(team.partner, countries=["LY"])
    broadcast = factories.make_broadcast(team, segment=segment)
    at = factories.now()
    factories.approve(team, broadcast, at=at)
    broadcast.refresh_from_db()
    assert factories.tick(broadcast.send_at) == 1
    scheduling.cancel(broadcast, by=team.approver.pk, now=broadcast.send_at)
    kept = dict(AuditEntry.objects.values_list("verb", "details"))
    assert (kept["launched"]["people"], kept["cancelled"]) == (7, {"unsent": 7})
    page = sign_in(team.analyst).get(reverse("desk_audit")).content.decode()
    assert "Number of people: fewer than 10." in page
    assert "Messages that were not sent: fewer than 10." in page
    assert ": 7." not in page


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"people": 12004, "digest": "abc"}, "Number of people: about 12,000."),
        ({"people": 7, "first": 0}, "Number of people: fewer than 10."),
        ({"first": 53}, "The first few alone at first: about 50."),
        ({"unsent": 3}, "Messages that were not sent: fewer than 10."),
        ({"tried": 52}, "Messages handed over: about 50."),
        ({"failed": 9}, "Messages that failed: fewer than 10."),
        ({"stopped": 0}, "People who said stop: fewer than 10."),
        ({"heads": 7}, "People met: 7."),
        ({"changed": "price,text"}, "What was changed: the price, a text."),
        ({"changed": "fewer,people"}, "What was changed: how many people it goes to."),
        ({"why": "failing,stops"}, "Because too many failed, too many said stop."),
        ({"country": "TN", "month": "2026-11"}, "For Tunisia. Of November 2026."),
        ({"role": "scheduler"}, "The role: plans broadcasts."),
        ({"role": "lead"}, "The role: Programme leads."),
        ({"outcome": "referred"}, "How it ended: sent on to a contact point."),
        ({"valid_from": "20261101"}, "It counts from 1 November 2026."),
        ({"granted": "USD1200.50"}, "It may be spent: 1,200.50\N{NO-BREAK SPACE}USD."),
        ({"fed_it": 3}, "fed it: 3"),
    ],
)
def test_details_are_sentences(details: dict[str, int | str], said: str) -> None:
    with override("en"):
        assert describe_details(details) == said
