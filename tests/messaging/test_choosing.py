"""Choosing a sender: who may serve a country, in which order, with which reason, and what is missing."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import CountryRule, Sender, SenderCountry
from messaging.senders.choosing import (
    Candidate,
    Rule,
    Wish,
    explain_none,
    find_obstacle,
    rank_senders,
)
from messaging.senders.roster import NoSenderError, choose_sender, load_market
from tests.messaging.factories import make_sender

WISH = Wish("sms", "TN")
ACTIVE = SenderCountry.State.ACTIVE.value
ANSWERS = [answer.value for answer in CountryRule.Answer]
FREE = Rule(alpha_sender="yes", two_way="yes")
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        pk=st.integers(1, 10**6),
        name=st.just("one"),
        channel=st.sampled_from(["sms", "whatsapp"]),
        provider=st.sampled_from(["a", "b"]),
        kind=st.sampled_from([kind.value for kind in Sender.Kind]),
        two_way=st.booleans(),
        priority=st.integers(-3, 3),
        registration=st.sampled_from([None, *(state.value for state in SenderCountry.State)]),
        cost=st.none() | st.decimals("0.001", "0.5", places=3),
        left=st.none() | st.integers(0, 100),
        halted=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.pk,
)
RULES = st.none() | st.builds(Rule, st.sampled_from(ANSWERS), st.sampled_from(ANSWERS))


def one(pk: int = 1, **more: Any) -> Candidate:
    given = {"name": f"S{pk}", "channel": "sms", "provider": "memory", "registration": ACTIVE}
    return Candidate(pk=pk, **(given | more))


def order(*candidates: Candidate, wish: Wish = WISH, rule: Rule | None = FREE) -> list[int]:
    return [choice.sender for choice in rank_senders(wish, candidates, rule)]


def test_people_set_the_order_and_then_the_cost() -> None:
    dear, cheap = one(1, cost=Decimal("0.2")), one(2, cost=Decimal("0.1"))
    unknown, wanted = one(3), one(4, cost=Decimal(9), priority=-1)
    assert order(dear, cheap, unknown, wanted) == [4, 2, 1, 3]


def test_of_two_alike_the_one_that_people_can_answer() -> None:
    assert order(one(1), one(2, two_way=True, cost=Decimal(1))) == [2, 1]


def test_who_is_halted_or_full_comes_last_and_says_so() -> None:
    ranked = rank_senders(WISH, [one(1, halted=True), one(2, left=0), one(3, priority=9)], FREE)
    assert [choice.sender for choice in ranked] == [3, 2, 1]
    assert "used up its day" in ranked[1].reason
    assert "halted" in ranked[2].reason


def test_each_reason_says_why_in_words() -> None:
    ranked = rank_senders(
        WISH, [one(1, cost=Decimal("0.0500"), two_way=True, left=80), one(2, priority=1)], FREE
    )
    assert (
        ranked[0].reason
        == "1 of 2: priority 0, 0.05 a part, people can answer, 80 left of its day."
    )
    assert ranked[1].reason == "2 of 2: priority 1."
    assert rank_senders(WISH, [one(1)], FREE)[0].reason == "The only sender that may send there."


@pytest.mark.parametrize(
    ("registration", "strict", "offered"),
    [
        (None, False, True),
        (None, True, False),
        ("draft", False, False),
        ("submitted", False, False),
        ("refused", False, False),
        ("active", True, True),
    ],
)
def test_live_only_an_active_registration_is_offered(
    registration: str | None, strict: bool, offered: bool
) -> None:
    wish = replace(WISH, strict=strict)
    assert bool(order(one(registration=registration), wish=wish)) == offered


@pytest.mark.parametrize(("alpha", "offered"), [("yes", True), ("conflict", True), ("no", False)])
def test_a_name_goes_only_where_names_are_kept(alpha: str, offered: bool) -> None:
    rule = Rule(alpha_sender=alpha, two_way="no")
    assert bool(order(one(kind="name"), rule=rule)) == offered
    assert order(one(kind="number"), rule=rule) == [1]


def test_a_name_is_registered_first_where_the_country_asks_for_it_even_in_a_rehearsal() -> None:
    rule = Rule(alpha_sender="registration", two_way="no")
    assert not order(one(kind="name", registration=None), rule=rule)
    assert order(one(kind="name"), rule=rule) == [1]


@pytest.mark.parametrize(
    ("more", "two_way", "said"),
    [
        ({"kind": "name"}, "yes", "nobody can answer a name"),
        ({}, "yes", "nobody can answer it"),
        ({"two_way": True}, "no", "do not come back"),
        ({"two_way": True}, "conflict", ""),
        ({"two_way": True, "kind": "short_code"}, "yes", ""),
    ],
)
def test_where_an_answer_must_come_back_it_can(
    more: dict[str, Any], two_way: str, said: str
) -> None:
    wish, rule = replace(WISH, needs_reply=True), Rule("yes", two_way)
    assert said in find_obstacle(wish, one(**more), rule)
    assert bool(order(one(**more), wish=wish, rule=rule)) == (not said)


def test_an_answer_on_whatsapp_always_comes_back() -> None:
    wish = Wish("whatsapp", "TN", needs_reply=True)
    assert order(one(channel="whatsapp"), wish=wish, rule=Rule("no", "no")) == [1]


def test_what_is_missing_is_said_of_each() -> None:
    told = explain_none(
        WISH, [one(1, registration="refused"), one(2, registration="submitted")], FREE
    )
    assert "sms in TN" in told
    assert "S1: its registration there was refused" in told
    assert "S2: its registration there is not through" in told
    assert "Add one first" in explain_none(WISH, [one(channel="whatsapp")], FREE)


@given(candidates=CANDIDATES, rule=RULES, reply=st.booleans(), strict=st.booleans())
def test_everybody_is_either_offered_with_a_reason_or_in_the_way_of_something(
    candidates: list[Candidate], rule: Rule | None, reply: bool, strict: bool
) -> None:
    wish = Wish("sms", "TN", needs_reply=reply, strict=strict)
    ranked = rank_senders(wish, candidates, rule)
    offered = [choice.sender for choice in ranked]
    by_pk = {one.pk: one for one in candidates}
    assert len(offered) == len(set(offered))
    for one_ in candidates:
        assert (one_.pk in offered) == (not find_obstacle(wish, one_, rule))
    for choice in ranked:
        chosen = by_pk[choice.sender]
        assert choice.reason
        assert len(choice.reason) <= 200
        assert chosen.channel == "sms"
        assert not strict or chosen.registration == ACTIVE
        assert not reply or (chosen.two_way and chosen.kind != "name")
    # Nobody who waits stands before somebody who goes, and the order is the same whoever asks.
    waits = [by_pk[pk].halted for pk in offered]
    assert waits == sorted(waits)
    assert offered == [choice.sender for choice in rank_senders(wish, candidates[::-1], rule)]


# ---- What is loaded ----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.database
class TestMarket:
    """The senders of a channel, as they are in the database."""

    def test_all_candidates_come_in_one_query(self, django_assert_num_queries: Any) -> None:
        first = make_sender()
        for country in ("TN", "LY", "SN"):
            SenderCountry.objects.create(sender=first, country=country, state=ACTIVE, cost="0.10")
        with django_assert_num_queries(2):  # the candidates, and what the countries allow
            market = load_market("sms", ["TN", "LY", "GM"])
        assert [market.candidates[c][0].registration for c in ("TN", "LY", "GM")] == [
            ACTIVE,
            ACTIVE,
            None,
        ]
        assert market.candidates["GM"][0].cost is None

    def test_each_country_has_its_own_registration(self) -> None:
        first, second = (
            make_sender(),
            Sender.objects.create(
                name="second", channel="sms", provider="memory", address="-", priority=-1
            ),
        )
        SenderCountry.objects.create(sender=second, country="TN", state="submitted")
        assert choose_sender("sms", "TN") == first
        assert choose_sender("sms", "SN") == second
        assert choose_sender("sms", "") == second

    def test_a_switched_off_sender_is_not_offered(self) -> None:
        sender = make_sender()
        Sender.objects.filter(pk=sender.pk).update(active=False)
        with pytest.raises(NoSenderError, match="Add one first"):
            choose_sender("sms", "TN")

    def test_live_nobody_is_offered_without_a_registration(self, settings: Any) -> None:
        sender = make_sender()
        settings.REHEARSAL = False
        with pytest.raises(NoSenderError, match="register it"):
            choose_sender("sms", "TN")
        SenderCountry.objects.create(sender=sender, country="TN", state=ACTIVE)
        assert choose_sender("sms", "TN") == sender
        with pytest.raises(NoSenderError, match="sms in LY"):
            choose_sender("sms", "LY")


def test_whoever_is_chosen_serves_alone_or_nobody_does() -> None:
    wish = replace(WISH, chosen=2)
    assert order(one(1), one(2, priority=9), wish=wish) == [2]
    (choice,) = rank_senders(wish, [one(1), one(2, halted=True)], FREE)
    assert choice.reason.startswith("Chosen for this broadcast. It is halted")
    unfit = [one(1), one(2, registration="refused")]
    assert order(*unfit, wish=wish) == []
    assert "its registration there was refused" in explain_none(wish, unfit, FREE)
    assert "it is switched off" in explain_none(wish, [one(1)], FREE)
