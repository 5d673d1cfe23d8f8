"""Prices: set and taken back by leads and administrators, dated, written down, and used by estimates."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AuditEntry, Edition, Price
from campaigns.reckoning import pricing
from campaigns.reckoning.estimating import Estimate, estimate
from campaigns.staff import ADMINISTRATORS, LEADS, OFFICERS, ensure_staff_groups
from campaigns.tasks import void
from messaging.models import Sender, SenderCountry
from tests.campaigns import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
FORM = {
    "whose": "any-sms",
    "country": "TN",
    "category": "",
    "amount": "0.0710",
    "currency": "USD",
    "valid_from": "2026-11-01",
    "source": "Contract 17",
}
PAGE = "/desk/safety/prices/"


@pytest.fixture
def sms() -> Sender:
    """Return the sender of SMS, with a route and nobody to send to."""
    factories.make_route()
    factories.make_senders()
    return Sender.objects.get(channel="sms")


@pytest.fixture
def lead(sms: Sender, sign_in: SignIn) -> Client:
    return sign_in(make_staff(LEADS))


def make_staff(group: str) -> User:
    ensure_staff_groups()
    user = factories.make_user("staff")
    user.groups.add(Group.objects.get(name=group))
    return user


def save(client: Client, **changes: str) -> str:
    """Set a price and return the page that follows."""
    return client.post(reverse("desk_price_save"), FORM | changes, follow=True).content.decode()


def estimate_two() -> Estimate:
    """Estimate an SMS of two parts to three people in Tunisia."""
    factories.subscribe(3)
    broadcast = factories.make_broadcast(factories.make_team("Estimators"))
    text = Edition(
        broadcast=broadcast, channel="sms", language="en", text="…", parts=2, alphabet="gsm7"
    )
    return estimate(broadcast, [text], today=timezone.now().date())


@pytest.mark.parametrize(
    ("group", "status"), [(LEADS, 200), (ADMINISTRATORS, 200), (OFFICERS, 403)]
)
def test_leads_and_administrators_see_prices(
    sms: Sender, sign_in: SignIn, group: str, status: int
) -> None:
    client = sign_in(make_staff(group))
    assert client.get(PAGE).status_code == status
    answer = client.post(reverse("desk_price_save"), FORM)
    assert answer.status_code == (302 if status == 200 else 403)
    assert Price.objects.count() == (1 if status == 200 else 0)


def test_estimate_uses_what_was_entered(lead: Client) -> None:
    assert "There is no price yet" in lead.get(PAGE).content.decode()
    page = save(lead)
    assert "0.071 USD" in page
    assert "Contract 17" in page
    found = estimate_two()
    assert (found.cost, found.currency, found.unpriced) == (Decimal("0.426"), "USD", [])
    assert not found.example_prices


def test_price_of_the_sender_goes_before_that_of_its_channel(lead: Client, sms: Sender) -> None:
    SenderCountry.objects.create(sender=sms, country="TN", state="active")
    save(lead)
    save(lead, whose=str(sms.pk), amount="0.0300")
    assert estimate_two().cost == Decimal("0.18")
    # And it is chosen by that, and may cost no more than twice as much.
    assert SenderCountry.objects.get().cost == Decimal("0.03")


def test_price_counts_from_its_day_on(lead: Client, sms: Sender) -> None:
    SenderCountry.objects.create(sender=sms, country="TN", state="active")
    later = timezone.now().date() + timedelta(days=3)
    save(lead)
    page = save(lead, whose=str(sms.pk), amount="0.5", valid_from=f"{later:%Y-%m-%d}")
    assert "counts later" in page
    assert estimate_two().cost == Decimal("0.426")
    assert SenderCountry.objects.get().cost is None
    assert pricing.apply_due(today=later) == 1
    assert pricing.apply_due(today=later) == 0
    assert SenderCountry.objects.get().cost == Decimal("0.5")


def test_the_clock_lets_a_new_day_count(sms: Sender) -> None:
    SenderCountry.objects.create(sender=sms, country="TN", state="active")
    Price.objects.create(
        channel="sms",
        country="TN",
        sender=sms,
        amount="0.2",
        valid_from=timezone.now().date(),
        source="-",
    )
    void()
    assert SenderCountry.objects.get().cost == Decimal("0.2")


def test_price_of_the_same_day_is_replaced_and_all_is_written_down(lead: Client) -> None:
    save(lead)
    save(lead, amount="0.0800")
    price = Price.objects.get()
    assert price.amount == Decimal("0.08")
    page = lead.post(reverse("desk_price_remove", args=[price.pk]), follow=True).content.decode()
    assert "Taken back" in page
    assert not Price.objects.exists()
    verbs = AuditEntry.objects.order_by("number").values_list("verb", "kind", "object_code")
    assert list(verbs) == [
        ("saved", "price", "sms"),
        ("saved", "price", "sms"),
        ("removed", "price", "sms"),
    ]
    assert AuditEntry.objects.latest("number").details == {
        "country": "TN",
        "amount": "0.0800",
        "currency": "USD",
        "valid_from": "20261101",
    }


def test_the_one_before_counts_again(lead: Client) -> None:
    save(lead)
    save(lead, amount="0.9000", valid_from="2026-11-02")
    latest = Price.objects.latest("valid_from")
    assert "counted before" in lead.get(PAGE).content.decode()
    lead.post(reverse("desk_price_remove", args=[latest.pk]))
    assert estimate_two().cost == Decimal("0.426")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "100"},
        {"amount": "dear"},
        {"country": "QQ"},
        {"whose": "0"},
        {"currency": "XXX"},
        {"valid_from": "soon"},
        {"source": ""},
        {"category": "marketing"},
    ],
)
def test_what_cannot_be_a_price_is_refused(lead: Client, wrong: dict[str, str]) -> None:
    assert lead.post(reverse("desk_price_save"), FORM | wrong).status_code == 422
    assert not Price.objects.exists()


def test_category_has_its_own_price_on_whatsapp(lead: Client) -> None:
    save(lead, whose="any-whatsapp", category="marketing")
    prices = pricing.read_prices(timezone.now().date())
    assert prices.find("whatsapp", "TN", "marketing") is not None
    assert prices.find("whatsapp", "TN", "utility") is None


def test_all_prices_are_in_one_currency(lead: Client) -> None:
    save(lead)
    answer = lead.post(reverse("desk_price_save"), FORM | {"currency": "EUR", "country": "SN"})
    assert answer.status_code == 422
    assert "All prices are in one currency" in answer.content.decode()
    # The only one there is may change to another.
    save(lead, currency="EUR")
    assert Price.objects.get().currency == "EUR"


def test_senders_without_a_price_are_named(lead: Client, sms: Sender) -> None:
    SenderCountry.objects.create(sender=sms, country="SN", state="active")
    assert "Nobody knows what some countries cost" in lead.get(PAGE).content.decode()
    assert "Nobody knows what some countries cost" not in save(lead, country="SN")


def test_texts_have_a_price_while_they_are_written_where_only_a_sender_has_one(
    lead: Client, sms: Sender
) -> None:
    today = timezone.now().date()
    save(lead, whose=str(sms.pk))
    known = pricing.price_of_part("sms", ["TN", "SN"], today=today)
    assert known == {"TN": (Decimal("0.0710"), "USD", False)}
    save(lead, amount="0.2")
    assert pricing.price_of_part("sms", ["TN"], today=today)["TN"][0] == Decimal("0.2")
