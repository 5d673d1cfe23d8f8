"""The walk: every address of the desk and of reach × everything of another partner is not found.

Generated from the addresses, so that a new one is walked too, or fails here until it is known whose
the thing is that it names.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Subscriber
from messaging.numbers import make_fiction
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.walking import Shop, list_addresses, make_shop, make_staff, read_all

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
ADDRESSES = list_addresses()
# What it names belongs to no partner: staff's alone.
OF_THE_HOUSE = ("desk/safety/", "desk/partners/staff/")
# It names a voice of this service, by a signed reference, or a contact point that readers are told.
FOR_ALL = ("desk/assist/voice/<str:reference>/", "desk/round/<int:pk>/")
# Read by a programme that cannot sign in: whoever has the key of 256 bits.
BY_KEY = ("desk/calendar/feed/",)
# Staff look after all partners here; those of another partner still find nothing.
STAFF_LOOKS = ("desk/audit/", "desk/partners/", "desk/campaigns/")


@pytest.fixture
def shop(team: Team) -> Shop:
    return make_shop(team)


@pytest.fixture
def another(shop: Shop) -> Team:
    """Return the people of a partner that has nothing yet."""
    return factories.make_team("The neighbours")


def knock(client: Client, path: str) -> Iterator[Any]:
    """Look at an address, and press it."""
    yield client.get(path)
    yield client.post(path, {})


def test_it_is_known_of_every_address_whose_the_thing_is_that_it_names(shop: Shop) -> None:
    unknown = [
        address.route
        for address in ADDRESSES
        if address.has_object
        and shop.find(address) is None
        and not address.route.startswith((*OF_THE_HOUSE, *FOR_ALL, *BY_KEY))
    ]
    assert not unknown
    assert len(ADDRESSES) > 60


def test_what_is_known_is_there(shop: Shop) -> None:
    for prefix in (*shop.objects, *OF_THE_HOUSE, *FOR_ALL, *BY_KEY, *STAFF_LOOKS):
        assert any(address.begins_with(prefix) for address in ADDRESSES), prefix


def test_another_partners_people_find_nothing(shop: Shop, another: Team, sign_in: SignIn) -> None:
    theirs = [sign_in(one) for one in (another.scheduler, another.approver, another.analyst)]
    staff = [sign_in(one) for one in make_staff()]
    found = []
    for address in ADDRESSES:
        path = shop.find(address)
        if path is None:
            continue
        looks = address.route.startswith(STAFF_LOOKS)
        for client in [*theirs, *([] if looks else staff)]:
            statuses = {answer.status_code for answer in knock(client, path)}
            # One of the two may not be how it is asked for.
            if 404 not in statuses or not statuses <= {404, 405}:
                found.append((address.route, statuses))
    assert not found


def test_nobody_enters_without_signing_in(shop: Shop, client: Client) -> None:
    for address in ADDRESSES:
        for answer in knock(client, shop.find(address) or address.fill()):
            # What a page fetches by itself is told in a status, and where there is a key, it is wrong.
            shut = {404} if address.route.startswith(BY_KEY) else {302, 401}
            assert answer.status_code in {*shut, 405}, address.route
            if answer.status_code == 302:
                assert answer["Location"].startswith("/accounts/login/"), address.route


def test_what_is_the_houses_is_refused_to_partners_people(shop: Shop, sign_in: SignIn) -> None:
    for person in (shop.team.scheduler, shop.team.approver, shop.team.analyst):
        client = sign_in(person)
        for address in ADDRESSES:
            if address.route.startswith(OF_THE_HOUSE):
                statuses = {answer.status_code for answer in knock(client, address.fill())}
                assert statuses <= {403, 405}, address.route


def test_no_page_shows_what_is_another_partners(shop: Shop, another: Team, sign_in: SignIn) -> None:
    read = 0
    for person in (another.scheduler, another.approver, another.analyst):
        client = sign_in(person)
        for address in ADDRESSES:
            if address.has_object:
                continue
            answer = client.get(address.fill())
            page = read_all(answer)
            assert not [mark for mark in shop.marks if mark in page], address.route
            read += answer.status_code == 200
    assert read > 15


def test_marks_are_what_its_own_people_read(shop: Shop, sign_in: SignIn) -> None:
    pages = "".join(read_own(shop, sign_in(shop.team.scheduler)))
    assert not [mark for mark in shop.marks if mark not in pages]


def test_no_number_of_anybody_is_on_any_page(shop: Shop, sign_in: SignIn) -> None:
    numbers = [make_fiction("216", serial) for serial in range(9_713_001, 9_713_004)]
    for number in numbers:
        factories.subscribe_number(number)
    assert Subscriber.objects.count() > len(numbers)
    seen = 0
    for person in (shop.team.scheduler, shop.team.approver, shop.team.analyst, *make_staff()):
        for page in read_own(shop, sign_in(person)):
            seen += 1
            assert not [n for n in numbers if n[1:] in page or n[-7:] in page]
    assert seen > 60


def read_own(shop: Shop, client: Client) -> Iterator[str]:
    """Return every page that somebody may see, of her own partner and of the house."""
    for address in ADDRESSES:
        answer = client.get(shop.find(address) or address.fill())
        assert answer.status_code < 500
        if answer.status_code == 200:
            yield read_all(answer)
