"""Rounding: how an audience is shown before it is sent to, so that nobody can be found by narrowing."""

from decimal import Decimal

SMALL = 10


def round_people(people: int) -> int:
    """Round a number of people to ten, away from nought."""
    return max(SMALL, (people + SMALL // 2) // SMALL * SMALL) if people >= SMALL else 0


def round_cost(cost: Decimal, people: int) -> Decimal:
    """Return the price of the rounded number of people: the exact one would tell the exact number.

    For fewer than ten people it is the price of ten, which is an upper bound.
    """
    if not people:
        return Decimal(0)
    shown = round_people(people) or SMALL
    return (cost * shown / people).quantize(Decimal("0.01"))
