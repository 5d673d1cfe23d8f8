"""The reader's queue on the first page of the admin: what waits for her, the most harmful first."""

from collections.abc import Mapping
from typing import Any

from django.forms import Media
from wagtail.admin.ui.components import Component
from wagtail.models import TaskState

from cms.editing.reading import read_address
from cms.models import HarmClass, Reading
from locales.languages import get_language

WORST_FIRST = (HarmClass.HIGH, HarmClass.MEDIUM, HarmClass.LOW, None)
MOST_SHOWN = 50


class QueuePanel(Component):
    """List the steps that this person may take."""

    name = "readings"
    template_name = "cms/admin/queue.html"
    order = 120
    media = Media()

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the waiting texts, the most harmful first, then the longest waiting."""
        user = parent_context["request"].user
        steps = [_line(step) for step in waiting_for(user)]
        steps.sort(key=lambda line: (WORST_FIRST.index(line["harm"]), line["since"]))
        return {"lines": steps[:MOST_SHOWN], "more": max(0, len(steps) - MOST_SHOWN)}


def waiting_for(user: Any) -> list[Reading]:
    """Return the steps that this person may take; what she wrote herself is not among them."""
    states = TaskState.objects.reviewable_by(user).values_list("pk", flat=True)
    steps = Reading.objects.filter(pk__in=list(states)).select_related(
        "revision", "workflow_state__requested_by", "task"
    )
    return [step for step in steps if not step.why_not(user)]


def _line(step: Reading) -> dict[str, Any]:
    wording = step.revision.as_object()
    return {
        "step": step,
        "address": read_address(step),
        "kind": wording._meta.verbose_name,
        "title": str(wording),
        "language": get_language(wording.locale.language_code),
        "harm": HarmClass(wording.harm_class) if hasattr(wording, "harm_class") else None,
        "since": step.started_at,
    }
