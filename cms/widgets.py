"""Widgets of the editing forms."""

from typing import Any

from django.forms import CheckboxSelectMultiple


class ChosenFirst(CheckboxSelectMultiple):
    """Boxes to tick, those that are ticked before the others: a long list shows what was chosen."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """Return the boxes, the ticked ones first."""
        groups = super().optgroups(name, value, attrs)
        return sorted(groups, key=lambda group: not any(box["selected"] for box in group[1]))
