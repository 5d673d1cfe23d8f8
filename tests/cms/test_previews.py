"""A preview shows the draft and nothing that is stored, and stands in the frame beside its form."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cms.models import MessagePage, StoredAnswer
from cms.publishing.making import make
from cms.reader.addresses import page_path
from cms.rights import Role
from tests.cms.finding import find_message
from tests.cms.forms import open_form
from tests.cms.people import browser_of, make_person

DRAFT = "Words that nobody has read yet."


@pytest.fixture
def page(starter: Any) -> MessagePage:
    return find_message("MSG-GEN-1")


@pytest.fixture
def desk(page: MessagePage) -> Client:
    return browser_of(make_person("editor", Role.EDITORS))


def preview(desk: Client, page: MessagePage) -> Any:
    """Return what the panel beside the form shows of a draft that is being typed."""
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    sent = open_form(desk, page) | {"web_title": [DRAFT]}
    assert desk.post(address, sent).json()["is_valid"]
    return desk.get(address, {"in_preview_panel": "true"})


def test_preview_shows_the_draft_and_not_the_page_that_stands_ready(
    page: MessagePage, desk: Client
) -> None:
    address = page_path("en", page.slug)
    assert DRAFT not in make(address).body.decode()
    assert StoredAnswer.objects.filter(path=address).exists()

    shown = preview(desk, page)

    assert DRAFT in shown.content.decode()
    assert "public" not in shown["Cache-Control"]
    assert DRAFT not in make(address).body.decode()


def test_preview_may_stand_in_our_own_frame_and_in_no_other(
    page: MessagePage, desk: Client
) -> None:
    shown = preview(desk, page)

    policy = shown["Content-Security-Policy"].replace(";", "; ").split("; ")
    assert "frame-ancestors 'self'" in [" ".join(rule.split()) for rule in policy]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"


def test_drafts_of_nobody_are_stored(page: MessagePage, desk: Client) -> None:
    preview(desk, page)
    assert not StoredAnswer.objects.filter(path=page_path("en", page.slug)).exists()


def test_page_itself_stands_in_no_frame(page: MessagePage) -> None:
    shown = Client().get(f"{settings.PUBLIC_URL}{page_path('en', page.slug)}")
    assert "frame-ancestors 'none'" in shown["Content-Security-Policy"]
