"""The CMS as a whole: every page of its menu answers an editor."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cms.rights import Role
from cms.roles import ensure_roles

PAGES = (
    "/cms/",
    "/cms/pages/",
    "/cms/pages/search/?q=information",
    "/cms/reports/site-history/",
)


@pytest.fixture
def editor(db: None) -> Client:
    user = User.objects.create_user("editor@waymark.example", "editor@waymark.example", "x")
    user.groups.add(ensure_roles()[Role.EDITORS])
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", PAGES)
def test_page_of_the_cms_answers(editor: Client, address: str) -> None:
    assert editor.get(address, follow=True).status_code == 200


def test_every_link_of_the_menu_answers(editor: Client) -> None:
    home = editor.get("/cms/").content.decode()
    links = set(re.findall(r'"url": "(/cms/[^"]+)"', home)) - {"/cms/logout/"}

    assert len(links) > 5
    # No page shows a document, so none is offered.
    assert not {link for link in links if "/documents/" in link}
    broken = [link for link in links if editor.get(link, follow=True).status_code != 200]
    assert broken == []
