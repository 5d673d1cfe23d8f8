"""The reader's queue on the first page of the admin: what waits for her, the most harmful first.

As many queries for a thousand waiting texts as for one: what is shown is read from the drafts as kept.
"""

from collections.abc import Mapping
from typing import Any

from django.forms import Media
from wagtail.admin.ui.components import Component
from wagtail.models import Locale, TaskState

from cms.editing.reading import read_address
from cms.models import FactReview, HarmClass, ProtectionReview, Reading
from locales.languages import get_language

WORST_FIRST = (*reversed(HarmClass.values), "")
MOST_SHOWN = 50


class QueuePanel(Component):
    """List the steps that this person may take."""

    name = "readings"
    template_name = "cms/admin/queue.html"
    order = 120
    media = Media()

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the waiting texts, the most harmful first, then the longest waiting."""
        lines = list_waiting(parent_context["request"].user)
        return {"lines": lines[:MOST_SHOWN], "more": max(0, len(lines) - MOST_SHOWN)}


def list_waiting(user: Any) -> list[dict[str, Any]]:
    """Return a line for each step that this person may take; what she saved or submitted is left out."""
    tasks = [task for model in (FactReview, ProtectionReview) for task in _read_by(user, model)]
    titles = {task.pk: task.title for task in tasks}
    if not titles:
        return []
    codes = dict(Locale.objects.values_list("pk", "language_code"))
    steps = (
        Reading.objects.filter(task__in=titles, status=TaskState.STATUS_IN_PROGRESS)
        .exclude(workflow_state__requested_by=user)
        .exclude(revision__user=user)
        .select_related("revision__content_type")
        .order_by("started_at", "pk")
    )
    lines = [_line(step, titles[step.task_id], codes) for step in steps]
    return sorted(lines, key=lambda line: WORST_FIRST.index(line["harm"]))


def _read_by(user: Any, model: Any) -> list[Any]:
    return [task for task in model.objects.filter(active=True) if task.is_reader(user)]


def _line(step: Reading, title: Any, codes: Mapping[int, str]) -> dict[str, Any]:
    draft = step.revision
    model = draft.content_type.model_class()
    harm = draft.content.get("harm_class", "")
    return {
        "address": read_address(step),
        "kind": model._meta.verbose_name if model else "",
        "title": draft.object_str,
        "language": get_language(codes[draft.content["locale"]]),
        "step": title,
        "harm": harm if harm in WORST_FIRST else "",
        "harm_label": HarmClass(harm).label if harm in HarmClass.values else "",
        "since": step.started_at,
    }
