"""Drafts: what was written stays, and what is written anew while it is being read is read anew."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils.dateparse import parse_date
from wagtail.models import Revision, TaskState, WorkflowState

from cms.models.reviews import digest_of


class Drafted(models.Model):
    """A thing whose drafts are all kept, and whose reviewer may choose its last day."""

    # The day that its wording names, where the reviewer who cleared it has chosen another.
    worded_until = models.DateField(null=True, blank=True, editable=False)

    # The field that says until when it may be relied on; empty where a kind has none.
    lasting_field = ""

    class Meta:
        abstract = True

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """Read a revision's wording, with the reviewer's day in place of the one it names."""
        read = super().with_content_json(content)  # type: ignore[misc]
        read.worded_until = self.worded_until
        if self.worded_until and getattr(read, self.lasting_field) == self.worded_until:
            setattr(read, self.lasting_field, getattr(self, self.lasting_field))
        return read

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        """Keep a draft as one more: none is rewritten, and what stood before the first is kept too."""
        kwargs["overwrite_revision"] = None
        with transaction.atomic():
            if self.pk and self.latest_revision_id is None:  # type: ignore[attr-defined]
                self._keep_what_is_live()
            revision: Revision = super().save_revision(*args, **kwargs)  # type: ignore[misc]
            self._read_anew(revision)
        return revision

    def chosen_day(self, revision: Revision) -> dict[str, Any]:
        """Return the fields that a reviewer's choice of a last day changes; none where she made none."""
        approved = revision.task_states.filter(status=TaskState.STATUS_APPROVED)
        chosen = approved.exclude(reading__good_until=None).order_by("finished_at", "pk")
        day = chosen.values_list("reading__good_until", flat=True).last()
        if day is None or not self.lasting_field:
            return {}
        worded = parse_date(revision.content.get(self.lasting_field) or "")
        return {self.lasting_field: day, "worded_until": worded if worded != day else None}

    def lasts_until(self, revision: Revision) -> date | None:
        """Return until when a revision may be relied on, by its reviewer's word or by its own."""
        chosen = self.chosen_day(revision).get(self.lasting_field)
        day: date | None = chosen or getattr(revision.as_object(), self.lasting_field)
        return day

    def _keep_what_is_live(self) -> None:
        """Keep what was loaded without a draft as the first one, to compare and to go back to."""
        model: Any = type(self)
        stands = model.objects.filter(pk=self.pk, live=True, latest_revision=None).first()
        if stands is None:
            return
        first = super(Drafted, stands).save_revision(clean=False, changed=False)  # type: ignore[misc]
        model.objects.filter(pk=self.pk).update(live_revision=first)
        self.live_revision = first

    def _read_anew(self, revision: Revision) -> None:
        """Let a review that is under way read the newest wording; a comment alone changes none."""
        state = self.current_workflow_state  # type: ignore[attr-defined]
        if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS:
            return
        task = state.current_task_state
        if task is None or task.revision_id == revision.pk:
            return
        if digest_of(task.revision) == digest_of(revision):
            state.task_states.filter(revision=task.revision).update(revision=revision)
        else:
            task.specific.cancel(user=revision.user)
