"""Hold-outs: the same people for one key, as many as were asked for, and never planned."""

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Batch, Delivery, Subscriber
from messaging.sealing.crypto import hash_number
from messaging.sending import batches
from messaging.sending.holdout import WHOLE, Draw, derive_key, draw
from messaging.sending.planning import PlanningError
from tests.messaging.factories import make_batch, make_subscriber, number_of

KEY: dict[str, Any] = {"holdout": 3000, "holdout_key": "campaign:1"}
pytestmark = pytest.mark.database


@pytest.mark.django_db
class TestBatch:
    """A batch that leaves people out."""

    def test_left_out_people_are_counted_and_never_planned(self) -> None:
        batch = make_batch(people=60, **KEY)
        left = {
            serial
            for serial in range(1, 61)
            if draw(derive_key("campaign:1"), hash_number(number_of(serial))) < 3000
        }
        assert 0 < len(left) < 60
        assert (batch.size, batch.held_out) == (60 - len(left), len(left))
        assert batches.count_states(batch.reference) == {"planned": 60 - len(left)}
        out = {make_subscriber(serial).pk for serial in left}
        assert not Delivery.objects.filter(subscriber_id__in=out).exists()

    def test_one_key_leaves_out_the_same_people_and_another_one_others(self) -> None:
        make_batch("broadcast:1", people=60, **KEY)
        make_batch("broadcast:2", **KEY)
        make_batch("broadcast:3", **(KEY | {"holdout_key": "campaign:2"}))
        planned = [
            set(batch.deliveries.values_list("subscriber_id", flat=True))
            for batch in Batch.objects.order_by("pk")
        ]
        assert planned[0] == planned[1] != planned[2]

    def test_a_larger_share_leaves_out_the_same_people_and_more(self) -> None:
        make_batch("broadcast:1", people=60, **KEY)
        make_batch("broadcast:2", **(KEY | {"holdout": 6000}))
        small, large = (
            set(batch.deliveries.values_list("subscriber_id", flat=True))
            for batch in Batch.objects.order_by("-pk")
        )
        assert small < large

    def test_both_channels_of_an_identity_fall_on_the_same_side(self) -> None:
        for serial in range(1, 31):
            make_subscriber(serial, channel="whatsapp")
        make_batch(people=30, audience={"every_channel": True}, **KEY)
        channels: dict[int, set[str]] = {}
        for row in Delivery.objects.all():
            channels.setdefault(row.person, set()).add(row.channel)
        assert 0 < len(channels) < 30
        assert all(both == {"sms", "whatsapp"} for both in channels.values())

    def test_without_a_share_nobody_is_left_out_and_with_all_of_it_everybody_is(self) -> None:
        assert make_batch("broadcast:1", people=5).held_out == 0
        everybody = make_batch("broadcast:2", holdout=WHOLE, holdout_key="campaign:1")
        assert (everybody.size, everybody.held_out) == (0, 5)

    def test_a_share_without_a_key_is_refused(self) -> None:
        with pytest.raises(PlanningError, match="key"):
            make_batch(people=1, holdout=100)

    def test_the_database_draws_as_we_do(self) -> None:
        for serial in range(1, 20):
            make_subscriber(serial)
        key = derive_key("campaign:1")
        rows = Subscriber.objects.annotate(lot=Draw(key)).values_list("number_hash", "lot")
        assert len(rows) == 19
        assert all(lot == draw(key, bytes(found)) for found, lot in rows)


@given(key=st.binary(min_size=16, max_size=16), number_hash=st.binary(min_size=16, max_size=16))
def test_the_lot_is_an_hmac_that_anybody_with_the_key_can_check(
    key: bytes, number_hash: bytes
) -> None:
    digest = hmac.new(key, number_hash, hashlib.sha256).digest()
    assert draw(key, number_hash) == int.from_bytes(digest[:7], "big") % 10_000


def test_lots_are_even() -> None:
    lots = [draw(b"k" * 16, number.to_bytes(16, "big")) for number in range(20_000)]
    tenths = [sum(1 for lot in lots if lot // 1000 == tenth) for tenth in range(10)]
    # 2,000 each; five standard deviations either way.
    assert all(1787 < count < 2213 for count in tenths)


@pytest.mark.django_db
def test_a_key_is_not_to_be_had_from_its_reference() -> None:
    assert derive_key("campaign:1") != derive_key("campaign:2")
    assert hashlib.sha256(b"campaign:1").digest()[:16] != derive_key("campaign:1")
