"""The steps of a review as Wagtail runs them: the facts, then protection where harm is high.

Who wrote or submitted a text does not read it, and nobody reads both the facts and for protection:
that holds here, whichever screen asks.
"""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import AbstractGroupApprovalTask, Revision, TaskState, WorkflowState

from cms.models.reading_forms import ApproveForm, ReturnForm
from cms.models.reviews import READINGS, Act, authors_of, readings_of, record

# Sent with `row` and `revision` before a text goes to its readers, and again before it is approved.
# Whoever knows a reason against it raises PermissionDenied.
before_reading = Signal()


class NotApprovable(PermissionDenied):
    """Raised when this person may not approve this, or may not like this; its words say why."""


class Reading(TaskState):
    """One step of one review: what was read, by whom, and until when it is cleared."""

    good_until = models.DateField(gettext_lazy("good until"), null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("reading")
        verbose_name_plural = gettext_lazy("readings")

    @property
    def act(self) -> Act:
        """Return the act that approving this step is."""
        act: Act = self.task.specific.act
        return act

    @property
    def title(self) -> str:
        """Return what this step is called in the language of who looks."""
        return title_of(self.task)

    @property
    def row(self) -> Any:
        """Return the thing whose wording is read, as it stands in the database."""
        return self.revision.content_object

    def why_not(self, user: Any) -> str:
        """Return why this person may not approve this step; empty where she may."""
        if not self.task.specific.is_reader(user):
            return _("You are not among the readers of this step.")
        if user.pk == self.workflow_state.requested_by_id:
            return _("You submitted this. Somebody else must read it.")
        if user.pk in authors_of(self.row, self.revision):
            return _("You wrote some of this. Somebody else must read it.")
        others = [act for act in READINGS if act != self.act]
        if readings_of(self.row, self.revision).filter(act__in=others, by=user).exists():
            return _("You have read this for the step before. Somebody else must take this one.")
        return ""

    @transaction.atomic
    def approve(
        self,
        user: Any = None,
        update: bool = True,
        comment: str = "",
        good_until: date | None = None,
    ) -> "Reading":
        """Approve this step and go on to the next one; the last one takes the text live."""
        self._hold()
        if words := self.why_not(user):
            raise NotApprovable(words)
        if not self.revision.is_latest_revision():
            raise NotApprovable(_("Somebody has saved a newer draft. Read that one."))
        check_readable(self.revision)
        self.good_until = check_day(self.row, self.revision, good_until)
        now = timezone.now()
        record(self.row, self.act, by=user, now=now, revision=self.revision, note=comment)
        super().approve(user=user, update=update, comment=comment)
        return self

    @transaction.atomic
    def reject(self, user: Any = None, update: bool = True, comment: str = "") -> "Reading":
        """Return the text to its author; she must hear why."""
        self._hold()
        if not self.task.specific.is_reader(user):
            raise NotApprovable(_("You are not among the readers of this step."))
        if not comment.strip():
            raise NotApprovable(_("Say why you return it: its author must know what to change."))
        now = timezone.now()
        record(self.row, Act.RETURNED, by=user, now=now, revision=self.revision, note=comment)
        super().reject(user=user, update=update, comment=comment)
        return self

    def _hold(self) -> None:
        # Two readers at the same moment: the second finds the step finished.
        self.status = TaskState.objects.select_for_update().get(pk=self.pk).status
        if self.status != self.STATUS_IN_PROGRESS:
            raise NotApprovable(_("Somebody has finished this step already."))


def check_readable(revision: Revision) -> None:
    """Raise PermissionDenied, in words, for a wording that could not go live whoever read it."""
    wording = revision.as_object()
    if hasattr(wording, "check_publishable"):
        wording.check_publishable()
    before_reading.send(sender=Reading, row=revision.content_object, revision=revision)


def check_day(row: Any, revision: Any, day: date | None) -> date | None:
    """Return the day until which a wording is cleared, None where its kind has none.

    Raise NotApprovable unless that day is still to come.
    """
    if not getattr(row, "lasting_field", ""):
        return None
    chosen: date | None = day or row.lasts_until(revision)
    if chosen is None or chosen <= timezone.localdate():
        raise NotApprovable(_("Choose a day in the future until which this may be relied on."))
    wording = revision.as_object()
    setattr(wording, row.lasting_field, chosen)
    try:
        wording.clean()
    except ValidationError as error:
        raise NotApprovable(" ".join(error.messages)) from error
    return chosen


class ReadingTask(AbstractGroupApprovalTask):
    """One step of a review, taken by the people of its groups."""

    task_state_class = Reading
    act: Act
    title: Any

    class Meta:
        abstract = True

    def is_reader(self, user: Any) -> bool:
        """Tell whether this person may take this step at all."""
        if user is None or not user.is_active:
            return False
        return bool(user.is_superuser or self._user_in_groups(user))

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Offer both answers to readers, and none to who wrote or submitted it."""
        state = obj.current_workflow_task_state
        if not isinstance(state, Reading) or state.why_not(user):
            return []
        return [
            ("approve", gettext_lazy("Approve"), True),
            ("reject", gettext_lazy("Return with a reason"), True),
        ]

    def get_form_for_action(self, action: str) -> Any:
        """Return what is asked for with each answer."""
        return ApproveForm if action == "approve" else ReturnForm

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> Any:
        """Check what was typed, whichever screen it came from, and act on it."""
        form = self.get_form_for_action(action_name)(kwargs)
        if not form.is_valid():
            raise NotApprovable(next(iter(form.errors.values()))[0])
        return super().on_action(task_state, user, action_name, **form.cleaned_data)

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> Any:
        """Return the open steps of this kind that somebody else has submitted."""
        waiting = super().get_task_states_user_can_moderate(user, **kwargs)
        return waiting.exclude(workflow_state__requested_by=user)


class FactReview(ReadingTask):
    """Somebody else holds every statement against its source."""

    act = Act.FACTS_READ
    title = gettext_lazy("the facts")

    class Meta:
        verbose_name = gettext_lazy("reading of the facts")
        verbose_name_plural = gettext_lazy("readings of the facts")

    def start(self, workflow_state: WorkflowState, user: Any = None) -> Any:
        """Begin, unless something speaks against reading this at all; a newer draft is let in."""
        revision = _newest_draft(workflow_state)
        if not _is_restart(workflow_state):
            check_readable(revision)
        return super().start(workflow_state, user=user)


class ProtectionReview(ReadingTask):
    """A third person asks whom the text could harm; what can harm little goes on without."""

    act = Act.PROTECTION_READ
    title = gettext_lazy("protection")

    class Meta:
        verbose_name = gettext_lazy("reading for protection")
        verbose_name_plural = gettext_lazy("readings for protection")

    def start(self, workflow_state: WorkflowState, user: Any = None) -> Any:
        """Begin where the harm is high, and pass over this step elsewhere."""
        revision = _newest_draft(workflow_state)
        row = revision.content_object
        if hasattr(row, "wanted_for") and self.act in row.wanted_for(revision):
            return super().start(workflow_state, user=user)
        return Reading.objects.create(
            workflow_state=workflow_state,
            revision=revision,
            task=self,
            status=Reading.STATUS_SKIPPED,
            finished_at=timezone.now(),
        )


def title_of(task: Any) -> str:
    """Return what a step of any review is called in the language of who looks."""
    return str(getattr(task.specific, "title", task.name))


def _newest_draft(workflow_state: WorkflowState) -> Revision:
    # Wagtail's form may have read the thing before it saved this very draft, and keeps it.
    kept = WorkflowState._meta.get_field("content_object")
    if kept.is_cached(workflow_state):
        kept.delete_cached_value(workflow_state)
    newest: Revision = workflow_state.content_object.get_latest_revision()
    return newest


def _is_restart(workflow_state: WorkflowState) -> bool:
    last = workflow_state.task_states.order_by("started_at", "pk").last()
    return last is not None and last.status == TaskState.STATUS_CANCELLED
