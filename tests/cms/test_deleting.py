"""What is used is not deleted: the refusal says where it is used, and nothing ever breaks."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from cms.models import Claim, ContactPoint, Fact, MessagePage, PlainPage, Route, Source
from cms.rights import Role
from cms.starter.reading import Pack
from cms.uses import InUse
from tests.campaigns.factories import make_broadcast, make_team
from tests.cms.finding import find_message
from tests.cms.forms import said
from tests.cms.people import browser_of, make_person

pytestmark = pytest.mark.database


@pytest.fixture
def administrator(starter: Pack) -> Client:
    return browser_of(make_person("administrator", Role.ADMINISTRATORS))


def used_fact() -> Fact:
    page = find_message("MSG-GEN-1")
    fact = Fact.objects.get(key="WA-R2", locale__language_code="en")
    page.facts = [fact]
    page.save()
    return fact


def address(row: Any, view: str = "delete") -> str:
    return reverse(f"wagtailsnippets_cms_{row._meta.model_name}:{view}", args=[row.pk])


def bulk(kind: str, *rows: Any) -> str:
    model = rows[0]._meta.model_name
    path = reverse("wagtail_bulk_action", args=["cms", model, "delete"])
    ids = "&".join(f"id={row.pk}" for row in rows)
    return f"{path}?{ids}&next=/cms/"


def test_model_refuses_to_delete_a_used_fact_and_says_where(starter: Pack) -> None:
    fact = used_fact()
    with pytest.raises(InUse, match="MSG-GEN-1"), transaction.atomic():
        fact.delete()
    with pytest.raises(InUse), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).delete()
    assert Fact.objects.filter(pk=fact.pk).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_deleting_a_used_fact_shows_where_it_is_used(administrator: Client, method: str) -> None:
    fact = used_fact()
    answer = getattr(administrator, method)(address(fact))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "It is in use, so it stays" in text
    assert "MSG-GEN-1" in text
    assert reverse("wagtailadmin_pages:edit", args=[find_message("MSG-GEN-1").pk]) in text
    assert Fact.objects.filter(pk=fact.pk).exists()


def test_deleting_several_is_refused_when_one_is_used(administrator: Client) -> None:
    used = used_fact()
    free = free_fact()
    answer = administrator.post(bulk("fact", used, free))
    assert answer.status_code == 409
    assert Fact.objects.filter(pk__in=[used.pk, free.pk]).count() == 2


def free_fact() -> Fact:
    fact = Fact.objects.get(key="WA-R2", locale__language_code="en")
    copy = Fact(
        key="FREE-1", locale=fact.locale, kind=fact.kind, statement="Free.", review_by="2030-01-01"
    )
    copy.save()
    return copy


def test_unused_fact_is_deleted(administrator: Client) -> None:
    fact = free_fact()
    assert administrator.post(address(fact)).status_code == 302
    assert not Fact.objects.filter(pk=fact.pk).exists()


def test_source_and_route_that_something_cites_stay(administrator: Client) -> None:
    source = Source.objects.filter(fact__isnull=False).first()
    route = Route.objects.filter(pages__isnull=False).first()
    for row in (source, route):
        assert row is not None
        assert administrator.post(address(row)).status_code == 409
        with pytest.raises(ProtectedError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize("model", [Claim, ContactPoint])
def test_what_a_message_uses_stays_whatever_its_kind(administrator: Client, model: Any) -> None:
    name = "claims" if model is Claim else "contact_points"
    row = model.objects.filter(messages__isnull=False, translation_state="original").first()
    if row is None:
        row = model.objects.filter(translation_state="original").first()
        page = find_message("MSG-GEN-1")
        setattr(page, name, [row])
        page.save()
    assert administrator.post(address(row)).status_code == 409


def test_editor_may_not_delete_at_all(starter: Pack) -> None:
    fact = free_fact()
    editor: User = make_person("editor", Role.EDITORS)
    assert browser_of(editor).post(address(fact)).status_code == 302
    assert Fact.objects.filter(pk=fact.pk).exists()


# ---- Pages -------------------------------------------------------------------------------------


def test_page_that_readers_have_seen_is_deleted_by_administrators_only(starter: Pack) -> None:
    page = PlainPage.objects.get(kind="complaints", locale__language_code="en")
    path = reverse("wagtailadmin_pages:delete", args=[page.pk])
    for role in (Role.EDITORS, Role.PUBLISHERS):
        browser_of(make_person(role.value.lower(), role)).post(path)
        assert PlainPage.objects.filter(pk=page.pk).exists()
    browser_of(make_person("administrator", Role.ADMINISTRATORS)).post(path)
    assert not PlainPage.objects.filter(pk=page.pk).exists()


def test_message_that_was_sent_stays_and_says_why(
    administrator: Client, sent_message: MessagePage
) -> None:
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    for path in (
        reverse("wagtailadmin_pages:delete", args=[sent_message.pk]),
        bulk + f"?id={sent_message.pk}&next=/cms/",
        f"/cms/api/main/pages/{sent_message.pk}/action/delete/",
        reverse("wagtailadmin_pages:delete", args=[sent_message.get_parent().pk]),
    ):
        answer = administrator.post(path)
        assert answer.status_code == 409, (path, said(answer))
        assert MessagePage.objects.filter(pk=sent_message.pk).exists()


@pytest.fixture
def sent_message(starter: Pack) -> MessagePage:
    page = find_message("MSG-GEN-1")
    make_broadcast(make_team(), message=page)
    return page
