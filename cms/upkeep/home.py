"""The first thing an editor sees in the admin: what needs her, worst harm first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component

from cms.rights import languages_of
from cms.upkeep.items import HARMS, Item, Need, Scope, list_behind, list_overdue
from cms.upkeep.rows import Row, make_rows
from cms.upkeep.words import HARMS as HARM_SIGNS
from cms.upkeep.words import NEEDS, Heading, Sign

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Block:
    """One list on the first page: how many there are, and the first of them."""

    need: Need
    heading: Heading
    total: int
    harms: tuple[tuple[Sign, int], ...]
    rows: tuple[Row, ...]

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more than are shown."""
        return self.total > len(self.rows)

    @property
    def address(self) -> str:
        """Return where the whole list is."""
        return f"{reverse('upkeep_due')}?{urlencode({'need': self.need.value})}"


class NeedsPanel(Component):
    """Show what needs an editor."""

    name = "needs"
    order = 50
    template_name = "cms/admin/needs.html"

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Gather the lists."""
        request = (parent_context or {})["request"]
        items = find_items(request.user)
        blocks = make_blocks(items)
        return {
            "request": request,
            "csrf_token": (parent_context or {}).get("csrf_token"),
            "blocks": blocks,
            "is_quiet": not any(block.total for block in blocks),
        }


def find_items(user: Any) -> list[Item]:
    """Return everything that needs this person: to a translator, only her languages are behind."""
    own = languages_of(user)
    behind = list_behind(scope=Scope(languages=tuple(own or ()))) if own != frozenset() else []
    return [*list_overdue(today=timezone.localdate()), *behind]


def make_blocks(items: Sequence[Item]) -> list[Block]:
    """Return the four lists with their first lines."""
    lists = {need: [item for item in items if item.need == need] for need in NEEDS}
    shown = [item for found in lists.values() for item in found[:SHOWN]]
    rows = make_rows(shown, today=timezone.localdate())
    return [_make_block(need, found, rows) for need, found in lists.items()]


def _make_block(need: Need, items: Sequence[Item], rows: Sequence[Row]) -> Block:
    counts = Counter(item.harm for item in items)
    return Block(
        need=need,
        heading=NEEDS[need],
        total=len(items),
        harms=tuple((HARM_SIGNS[harm], counts[harm]) for harm in HARMS if counts[harm]),
        rows=tuple(row for row in rows if row.item.need == need),
    )
