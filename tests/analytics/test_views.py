"""The pages of reach: a partner's own, without a small number and without an inline style."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from analytics.counting import recount
from campaigns.models import AuditEntry, Broadcast, Partner
from messaging.states import State
from tests.analytics.building import NOW, copies, make_batch, make_broadcast, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Partner:
    return Partner.objects.create(name="Red Crescent")


@pytest.fixture
def broadcast(partner: Partner) -> Broadcast:
    """Return a broadcast whose true counts are 61, 33, 20, 7, 3 and 0 people; in all 124."""
    broadcast = make_broadcast(partner)
    make_batch(
        copies(61)
        + copies(33, first=100, country="SN", language="wo")
        + copies(7, first=200, country="ML", language="bm")
        + copies(3, first=300, country="MR", language="ar")
        + copies(20, first=500, country="GM", language="mnk")
        + copies(8, first=400, country="NE", state=State.SENT),
        reference=broadcast.reference,
    )
    recount(broadcast.reference, now=NOW)
    return broadcast


@pytest.fixture
def analyst(client: Client, partner: Partner) -> Client:
    client.force_login(make_user(partner))
    return client


class Table(HTMLParser):
    """Collect the text of every cell, and every number a bar holds."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.bars: list[int] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_cell = self._in_cell or tag == "td"
        if tag == "td":
            self.cells.append("")
        if tag == "meter":
            held = dict(attrs)
            self.bars += [int(held["value"] or 0), int(held["max"] or 0)]

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data.strip()


def read_page(client: Client, address: str) -> tuple[str, Table]:
    html = client.get(address).content.decode()
    table = Table()
    table.feed(html)
    return html, table


def test_a_broadcasts_reach_is_shown_by_country_and_language(
    analyst: Client, broadcast: Broadcast
) -> None:
    html, table = read_page(analyst, reverse("reach", args=[broadcast.code]))

    assert re.search(r"at least\s*<strong>125</strong>\s*and at most\s*<strong>130</strong>", html)
    hidden = ["not shown"]
    assert table.cells == [
        *("60", "60", "35", "35", *hidden * 4),
        *("60", "70", "35", "35", *hidden * 3),
        *hidden,  # opened, in the message's one language
    ]
    assert "Nigeria" in html
    assert 'dir="rtl"' in html
    assert "Distinct phone numbers with a delivery receipt" in html
    assert NOW.isoformat() in html


def test_no_number_under_ten_stands_in_the_page(analyst: Client, broadcast: Broadcast) -> None:
    for address in (reverse("reach_index"), reverse("reach", args=[broadcast.code])):
        _html, table = read_page(analyst, address)
        numbers = [int(cell.replace(",", "")) for cell in table.cells if cell[:1].isdigit()]

        assert all(number >= 10 and number % 5 == 0 for number in numbers + table.bars)


def test_a_broadcast_that_reached_few_says_under_ten(analyst: Client, partner: Partner) -> None:
    small = make_broadcast(partner)
    make_batch(copies(9), reference=small.reference)
    recount(small.reference, now=NOW)

    html, table = read_page(analyst, reverse("reach", args=[small.code]))
    _html, index = read_page(analyst, reverse("reach_index"))

    assert "<strong>under 10</strong>" in html
    assert (table.cells, table.bars) == (["not shown"] * 3, [])
    assert index.cells == ["under 10"]


def test_the_list_shows_each_launched_broadcast_with_its_reach(
    analyst: Client, broadcast: Broadcast, partner: Partner
) -> None:
    make_broadcast(partner, title="Not counted")
    draft = make_broadcast(partner, title="Only a draft")
    Broadcast.objects.filter(pk=draft.pk).update(state=Broadcast.State.DRAFT)

    html, table = read_page(analyst, reverse("reach_index"))

    assert sorted(table.cells) == ["125", "130", "not counted yet"]
    assert reverse("reach", args=[broadcast.code]) in html
    assert "Only a draft" not in html


def test_another_partners_reach_is_not_found(client: Client, broadcast: Broadcast) -> None:
    client.force_login(make_user(Partner.objects.create(name="Elsewhere")))

    # Followed, because the middleware looks for what is not found below a language as well.
    found = client.get(reverse("reach", args=[broadcast.code]), follow=True)
    assert found.status_code == 404
    assert broadcast.code not in client.get(reverse("reach_index")).content.decode()


def test_nobody_reads_reach_without_signing_in(client: Client, broadcast: Broadcast) -> None:
    for address in (reverse("reach_index"), reverse("reach", args=[broadcast.code])):
        response = client.get(address)

        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_the_empty_list_says_what_will_be_here(analyst: Client) -> None:
    html, _table = read_page(analyst, reverse("reach_index"))

    assert "No broadcast of yours has been launched yet." in html
    assert "how many phone numbers it reached" in html


def test_a_broadcast_that_was_not_counted_says_when_it_will_be(
    analyst: Client, partner: Partner
) -> None:
    html, _table = read_page(analyst, reverse("reach", args=[make_broadcast(partner).code]))

    assert "Nothing has been counted yet." in html


def test_the_pages_keep_to_the_strict_policy(analyst: Client, broadcast: Broadcast) -> None:
    response = analyst.get(reverse("reach", args=[broadcast.code]))
    html = response.content.decode()

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    assert "no-store" in response["Cache-Control"]
    assert "unsafe-inline" not in response["Content-Security-Policy"]


def test_a_page_is_not_changed_by_a_post(analyst: Client, broadcast: Broadcast) -> None:
    assert analyst.post(reverse("reach", args=[broadcast.code])).status_code == 405


def test_the_page_takes_few_queries_for_any_number_of_rows(
    analyst: Client, broadcast: Broadcast, django_assert_max_num_queries: object
) -> None:
    # Who looks first is written down.
    analyst.get(reverse("reach", args=[broadcast.code]))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        analyst.get(reverse("reach", args=[broadcast.code]))


def list_looks() -> list[str]:
    looks = AuditEntry.objects.filter(verb="saw_count", kind="broadcast")
    return sorted(looks.values_list("object_code", flat=True))


def test_who_sees_a_reach_is_written_down_once(
    client: Client, broadcast: Broadcast, partner: Partner
) -> None:
    person = make_user(partner)
    client.force_login(person)
    client.head(reverse("reach", args=[broadcast.code]))
    assert list_looks() == []
    for _look in range(2):
        client.get(reverse("reach", args=[broadcast.code]))
    assert list_looks() == [broadcast.code]
    look = AuditEntry.objects.get()
    assert (look.actor_id, look.partner_id) == (person.pk, partner.pk)


def test_list_is_a_look_at_each_that_was_counted(
    analyst: Client, broadcast: Broadcast, partner: Partner
) -> None:
    uncounted = make_broadcast(partner, title="Not counted")
    for _look in range(2):
        analyst.get(reverse("reach_index"))
        analyst.get(reverse("reach", args=[uncounted.code]))
    assert list_looks() == [broadcast.code]
