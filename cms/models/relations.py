"""What points at a row of ours, whichever kind it is."""

from typing import Any

from django.db.models import Model


def is_used_live(row: Model) -> bool:
    """Tell whether something live points at a row."""
    relations: Any = row._meta.get_fields(include_hidden=True)
    return row.pk is not None and any(
        relation.related_model._base_manager.filter(
            **{relation.field.name: row, "live": True}
        ).exists()
        for relation in relations
        if relation.auto_created and not relation.concrete and _can_be_live(relation.related_model)
    )


def _can_be_live(model: Any) -> bool:
    return any(field.name == "live" for field in model._meta.get_fields())
