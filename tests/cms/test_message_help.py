"""The live help: what it answers while a message is typed, and to whom."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from campaigns.models import Price
from campaigns.reckoning.pricing import price_of_part
from cms.message_help import read_variables
from cms.models import MessagePage
from cms.prices import narrow, price_thousand
from tests.cms.finding import find_message
from tests.cms.typing import open_form

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture
def desk() -> Client:
    person = get_user_model().objects.create_superuser("chief", "chief@example.org", "-")
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def address() -> str:
    return reverse("message_help")


def ask(client: Client, page: MessagePage, **typed: Any) -> dict[str, Any]:
    """Send a page's form as the script does, with something typed that is not saved."""
    data = open_form(client, page, **typed) | {"help-page": page.pk}
    answer = client.post(reverse("message_help"), data)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def rules(told: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in told["findings"]}


def test_address_is_below_the_cms(address: str) -> None:
    assert address == "/cms/waymark/message-help/"


def test_what_is_typed_is_counted_and_not_saved(desk: Client) -> None:
    page = find_message("MSG-GEN-1", "fr")
    before = page.sms_text
    told = ask(desk, page, sms_text="û" + "a" * 80 + " 0")
    sms = told["texts"]["sms_text"]
    assert (sms["alphabet"], sms["units"], sms["parts"], sms["left"]) == ("ucs2", 83, 2, 51)
    assert sms["costly"] == [{"character": "û", "cost": "forces_short_parts", "instead": "u"}]
    assert sms["parts_if_plain"] == 1
    assert MessagePage.objects.get(pk=page.pk).sms_text == before


def test_findings_follow_what_is_typed(desk: Client) -> None:
    page = find_message("MSG-GEN-1")
    assert "no_way_to_stop" not in rules(ask(desk, page))
    told = ask(desk, page, sms_text="Nothing to see")
    assert "no_way_to_stop" in rules(told)
    assert "error" in told["summary"]


def test_findings_follow_what_is_chosen(desk: Client) -> None:
    page = find_message("MSG-CM-1")
    assert "contact_untested" in rules(ask(desk, page))
    told = ask(desk, page, pathways=[], contact_points=[], claims=[], facts=[])
    assert rules(told) == set()


def test_pieces_of_the_page_come_with_the_answer(desk: Client) -> None:
    page = find_message("MSG-GEN-1", "ar")
    told = ask(desk, page, nudge_text="رسالة لك {link} 0")
    assert set(told["html"]) == {"meter-nudge_text", "meter-sms_text", "phones", "findings"}
    phones = told["html"]["phones"]
    assert 'lang="ar" dir="rtl"' in phones
    assert f"/r/{page.code}" in phones
    assert "{link}" not in phones


def test_sms_that_may_be_pushed_stands_on_the_locked_phone(desk: Client) -> None:
    told = ask(desk, find_message("MSG-GEN-1"), sms_text="Only this 0")
    assert told["html"]["phones"].count("Only this 0") == 2
    asked = ask(desk, find_message("MSG-CM-3"), sms_text="Only this 0")
    assert asked["html"]["phones"].count("Only this 0") == 1


def test_text_is_escaped(desk: Client) -> None:
    told = ask(desk, find_message("MSG-GEN-1"), sms_text="<script>alert(1)</script> 0")
    assert "<script>" not in "".join(told["html"].values())


def test_page_shows_the_same_without_a_script(desk: Client) -> None:
    page = find_message("MSG-GEN-1")
    text = desk.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    for words in ("1 SMS part.", "left in this part", "data-help-root", 'name="reason-template_un'):
        assert words in text
    assert "cms/message-help.js" in text


def test_new_message_gets_help_before_it_is_saved(desk: Client, address: str) -> None:
    home = find_message("MSG-GEN-1", "ar").get_parent()
    answer = desk.post(address, {"help-parent": home.pk, "sms_text": "مرحبا 0"})
    assert answer.json()["texts"]["sms_text"]["alphabet"] == "ucs2"


# ---- Who may ask -------------------------------------------------------------------------------


def test_nobody_from_outside_is_answered(address: str) -> None:
    page = find_message("MSG-GEN-1")
    assert Client().post(address, {"help-page": page.pk}).status_code == 302


def test_person_without_a_right_to_the_page_is_refused(address: str) -> None:
    client = Client()
    person = get_user_model().objects.create_user("guest", "guest@example.org", "-")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = find_message("MSG-GEN-1")
    for data in ({"help-page": page.pk}, {"help-parent": page.get_parent().pk}):
        assert client.post(address, data).status_code in {302, 403}


def test_text_never_travels_in_an_address(desk: Client, address: str) -> None:
    assert desk.get(address, {"sms_text": "x"}).status_code == 405


@pytest.mark.parametrize("data", [{}, {"help-page": "x"}, {"help-page": "999999"}])
def test_unknown_page_is_not_found(desk: Client, address: str, data: dict[str, str]) -> None:
    assert desk.post(address, data).status_code == 404


def test_nonsense_in_a_box_leaves_what_was_saved(desk: Client) -> None:
    page = find_message("MSG-CM-1")
    told = ask(desk, page, expires="soon", pathways=["no", "99999"], recording="x")
    assert "pathway_incomplete" in rules(told)
    assert "message_expired" not in rules(told)


def test_variables_are_read_in_the_order_of_the_form() -> None:
    prefix = "whatsapp_template_variables"
    rows = [("b", "2", "", "B"), ("gone", "1", "on", ""), ("a", "1", "", "A"), ("", "3", "", "")]
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows))}
    for number, (name, order, gone, example) in enumerate(rows):
        data |= {
            f"{prefix}-{number}-name": name,
            f"{prefix}-{number}-ORDER": order,
            f"{prefix}-{number}-DELETE": gone,
            f"{prefix}-{number}-example": example,
        }
    assert read_variables(data) == [("a", "A"), ("b", "B")]
    assert read_variables({f"{prefix}-TOTAL_FORMS": "many"}) == []


def test_queries_do_not_grow_with_what_is_used(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    page = find_message("MSG-WA-1")
    data = open_form(desk, page) | {"help-page": page.pk}
    chosen: dict[str, list[int]] = {}
    for name in ("facts", "pathways", "claims", "contact_points"):
        model: Any = MessagePage._meta.get_field(name).related_model
        originals = model.objects.filter(translation_state="original").order_by("key")
        chosen[name] = list(originals.values_list("pk", flat=True))
    some = {name: keys[: len(keys) // 2] for name, keys in chosen.items()}
    with django_assert_max_num_queries(60) as few:
        desk.post(reverse("message_help"), data | some)
    with django_assert_max_num_queries(len(few)):
        desk.post(reverse("message_help"), data | chosen)


# ---- Prices ------------------------------------------------------------------------------------


@pytest.fixture
def prices(starter: Any) -> None:
    Price.objects.all().delete()
    rows = [("LY", "0.2", "USD"), ("TN", "0.05", "USD"), ("LY", "0.1", "USD")]
    for days, (country, amount, currency) in enumerate(rows):
        Price.objects.create(
            channel="sms",
            country=country,
            amount=Decimal(amount),
            currency=currency,
            valid_from=date(2026, 1, 1 + days),
            source="test",
            example=country == "TN",
        )
    Price.objects.create(
        channel="sms", country="TN", amount=9, valid_from=date(2030, 1, 1), source="later"
    )


@pytest.mark.usefixtures("prices")
def test_price_is_the_latest_that_holds(today: date) -> None:
    assert price_of_part("sms", ["LY", "TN", "TD"], today=today) == {
        "LY": (Decimal("0.1"), "USD", False),
        "TN": (Decimal("0.05"), "USD", True),
    }
    assert price_of_part("whatsapp", ["LY"], today=today) == {}


@pytest.mark.usefixtures("prices")
def test_thousand_people_are_priced_by_country_with_the_range(today: date) -> None:
    found = price_thousand(2, ["TN", "LY", "TD"], channel="sms", today=today, language="fr")
    assert [(line.country, line.amount) for line in found.lines] == [
        ("Tunisie", Decimal(100)),
        ("Libye", Decimal(200)),
    ]
    assert found.ranges == (("USD", Decimal(100), Decimal(200)),)
    assert found.unknown == ("Tchad",)
    assert found.is_example


def test_countries_are_those_of_the_routes_that_are_meant() -> None:
    assert narrow(("LY", "TN"), ()) == ("LY", "TN")
    assert narrow(("LY", "TN"), ("TN", "SN")) == ("TN",)
    assert narrow(("LY",), ("SN",)) == ("SN",)


@pytest.mark.usefixtures("prices")
def test_country_without_a_price_is_named(desk: Client) -> None:
    told = ask(desk, find_message("MSG-CM-1"), audience_countries="LY, NE")
    sms = told["texts"]["sms_text"]
    assert [(row["country"], row["currency"]) for row in sms["price"]] == [("Libya", "USD")]
    assert Decimal(sms["price"][0]["amount"]) == 100
    assert sms["no_price_for"] == ["Niger"]
    assert "No price known for Niger." in told["html"]["meter-sms_text"]
