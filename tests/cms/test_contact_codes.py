"""Codes and keys are typed by hand: wrong ones are refused, and none takes a page down."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cms.models import Alert, ContactPoint, NotPublishable
from cms.models.changes import update_content
from cms.models.vocabularies import check_key
from cms.reader.contents import list_contents
from cms.reader.listing import list_addresses
from cms.rights import Role
from tests.cms.forms import said, send_form
from tests.cms.people import browser_of, make_person
from tests.cms.reading import read
from tests.cms.sheets import add_rows, download, make_writer, problems_of, try_file

PAGES = ("/en/", "/en/cmed/", "/ar/cmed/help/", "/en/cmed/information.html", "/ar/help/")


@pytest.fixture
def contact(starter: Any) -> ContactPoint:
    found = ContactPoint.objects.filter(key="CM-K1", locale__language_code="en")
    update_content(found, review_by=timezone.localdate().replace(year=2099))
    return found.get()


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("reach_from", ["LY", "ly"], "“ly” is no country we know."),
        ("reach_from", ["Libya"], "“Libya” is no country we know."),
        ("languages", ["ar", "French"], "“French” is no language we know."),
        ("languages", ["FR"], "“FR” is no language we know."),
    ],
)
def test_what_is_no_code_is_refused_with_its_mending(
    contact: ContactPoint, field: str, typed: list[str], words: str
) -> None:
    setattr(contact, field, typed)
    with pytest.raises(ValidationError) as refusal:
        contact.full_clean()
    assert list(refusal.value.message_dict) == [field]
    assert refusal.value.message_dict[field][0].startswith(words)


def test_country_beyond_the_routes_is_taken(contact: ContactPoint) -> None:
    contact.reach_from, contact.languages = ["LY", "FR"], ["ar", "fr"]
    contact.full_clean()


def test_form_says_which_code_is_wrong(contact: ContactPoint) -> None:
    desk = browser_of(make_person("editor", Role.EDITORS))
    response = send_form(desk, contact, reach_from="LY, Libya")
    assert "“Libya” is no country we know." in said(response)


@pytest.mark.parametrize(
    "codes",
    [{"reach_from": [code]} for code in ("FR", "ly", "Libya")] + [{"languages": ["French", "zz"]}],
)
def test_no_code_takes_a_page_down(
    contact: ContactPoint, reader: Client, codes: dict[str, list[str]]
) -> None:
    update_content(ContactPoint.objects.filter(translation_key=contact.translation_key), **codes)
    today = timezone.localdate()
    listed = {entry.path for entry in list_addresses(today=today)}
    offered = {
        line.address
        for part in list_contents("en", language="en", today=today)
        for line in part.lines
    }
    countries = {path for path in listed | offered if path.startswith("/en/help/")}

    for path in (*PAGES, *sorted(countries)):
        assert reader.get(path).status_code == 200, path
    assert all(code in read(reader, "/en/cmed/help/") for code in codes.get("languages", ()))


def test_who_is_reached_from_beyond_the_routes_stands_there(
    contact: ContactPoint, reader: Client
) -> None:
    update_content(ContactPoint.objects.filter(pk=contact.pk), reach_from=["FR"])
    assert contact.name in read(reader, "/en/help/fr/")
    assert '<a href="/ar/help/fr/">فرنسا</a>' in read(reader, "/ar/help/")


def test_nothing_goes_live_that_takes_a_page_down(
    contact: ContactPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> str:
        raise LookupError

    contact.statement = "Ask here first."
    contact.reach_from = ["LY", "TN"]
    revision = contact.save_revision()
    monkeypatch.setattr("cms.reader.showing.country_name", fail)
    with pytest.raises(NotPublishable, match="/en/cmed/help/"):
        revision.publish()


@pytest.mark.parametrize("key", ["Storm 2026", "CM.A1", "a/b", "-A1", "عاصفة"])
def test_key_that_no_address_can_have_is_refused_in_a_form_and_in_a_file(
    contact: ContactPoint, key: str
) -> None:
    words = "Write up to 20 letters and digits, with - or _ between them: CM-R1."
    alert = Alert(
        key=key, locale=contact.locale, title="Storm", statement="Wait.", review_by=date(2099, 1, 1)
    )
    with pytest.raises(ValidationError) as refusal:
        alert.full_clean()
    assert refusal.value.message_dict["key"] == [words]

    row = {"key": key, "language": "en", "statement": "Wait.", "kind": "risk"}
    data = add_rows(download("facts"), "facts", row | {"review_by": "2099-01-01"})
    (said,) = problems_of(try_file(data, make_writer("writer")))
    assert said[1] == words
    assert said[0].endswith("(key)")


@pytest.mark.parametrize("key", ["CM-A1", "storm_2026", "2026"])
def test_key_that_an_address_can_have_is_taken(key: str) -> None:
    check_key(key)
