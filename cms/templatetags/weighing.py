"""What the pages that show a text weigh on a phone, for its editing page."""

from dataclasses import dataclass
from typing import Any

from django import template

from cms import budgets
from cms.publishing.weighing import HEADERS, kilobytes, known_weights, pages_showing, weigh

register = template.Library()


@dataclass(frozen=True, slots=True)
class Weighed:
    """One page with its weight."""

    path: str
    weight: str
    budget: str
    is_heavy: bool


@register.simple_tag
def weights_of(row: Any) -> list[Weighed]:
    """Return the pages that show a text in its language, heaviest first, as a phone loads them."""
    found = [(path, size + HEADERS) for path, size in known_weights(row)]
    if not found and row.live:
        weight = next(filter(None, map(weigh, pages_showing(row)[:1])), None)
        found = [(weight.path, weight.first)] if weight else []
    return [
        Weighed(path, kilobytes(size), kilobytes(budgets.FIRST_PAINT), size > budgets.FIRST_PAINT)
        for path, size in found
    ]
