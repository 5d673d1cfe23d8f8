"""The reader's page: the text, its sources beside it, what has changed, her yes or no. Needs no script."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import TaskState

from cms.comparing import list_changed_uses, list_evidence, list_texts
from cms.editing.addresses import compare_address, edit_address
from cms.editing.deciding import explain, form_for
from cms.models import Act, HarmClass, Reading, authors_of, title_of
from locales.languages import get_language

ANSWERS = ("approve", "reject")


class ReadView(WagtailAdminTemplateMixin, TemplateView):
    """Show one step of one review to who may take it, and take her answer."""

    template_name = "cms/admin/read.html"
    header_icon = "glasses"
    step: Reading
    row: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the step, and the text as it stands."""
        super().setup(request, *args, **kwargs)
        self.step = get_object_or_404(Reading, pk=kwargs["step"])
        self.row = self.step.row
        self.answer = request.POST.get("answer", "")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in readers of any step, and who submitted this."""
        is_hers = self.step.workflow_state.requested_by_id == request.user.pk
        if not is_hers and not self.step.task.specific.is_reader(request.user):
            raise PermissionDenied
        answer: Any = super().dispatch(request, *args, **kwargs)
        return answer

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Approve or return, or say why not and keep what was typed."""
        if self.answer not in ANSWERS:
            return redirect(request.path)
        form = self.forms()[self.answer]
        if form.is_valid():
            task = self.step.task.specific
            try:
                task.on_action(self.step, request.user, self.answer, **form.cleaned_data)
            except PermissionDenied as refusal:
                messages.error(request, explain(refusal, self.step, request.user))
                self.step.refresh_from_db()
            else:
                messages.success(request, say_what_came_of_it(self.step))
                return redirect("wagtailadmin_home")
        return self.render_to_response(self.get_context_data(forms=self.forms()), status=422)

    def forms(self) -> dict[str, Any]:
        """Return both forms; the one that was sent holds what was typed."""
        task = self.step.task.specific
        made = {}
        for answer in ANSWERS:
            form_class = form_for(self.step, task.get_form_for_action(answer))
            sent = self.request.POST if answer == self.answer else None
            made[answer] = form_class(sent, prefix=answer)
        return made

    def get_page_title(self) -> str:
        """Return what the reader is asked to do."""
        return capfirst(str(self.step.act.label)) if self.is_over else _read_for(self.step.act)

    def get_page_subtitle(self) -> str:
        """Return what is read."""
        return str(self.row)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the first page, where the queue is, and to the form."""
        return [
            *super().get_breadcrumbs_items(),
            {"url": edit_address(self.row), "label": str(self.row)},
            {"url": "", "label": self.get_page_title()},
        ]

    @property
    def is_over(self) -> bool:
        """Tell whether this step has been taken."""
        return bool(self.step.status != TaskState.STATUS_IN_PROGRESS)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return everything that the page shows."""
        wording = self.step.revision.as_object()
        authors = User.objects.filter(pk__in=authors_of(self.row, self.step.revision))
        is_editorial = hasattr(self.row, "current_as_of") and hasattr(self.row, "harm_class")
        return {
            **super().get_context_data(**kwargs),
            "step": self.step,
            "row": self.row,
            "kind": capfirst(self.row._meta.verbose_name),
            "language": get_language(self.row.locale.language_code),
            "harm": HarmClass(wording.harm_class) if is_editorial else None,
            "authors": [who.get_full_name() or who.get_username() for who in authors],
            "texts": list_texts(wording),
            "changes": list(list_changes(self.row, wording, self.request)),
            "evidence": list_evidence(wording),
            "changed_uses": list_changed_uses(self.row, wording) if is_editorial else [],
            "readings": Reading.objects.filter(
                workflow_state=self.step.workflow_state, status=TaskState.STATUS_APPROVED
            ).exclude(pk=self.step.pk),
            "is_over": self.is_over,
            "why_not": "" if self.is_over else self.step.why_not(self.request.user),
            "forms": kwargs.get("forms") or self.forms(),
            "edit_url": edit_address(self.row),
            "compare_url": self._compare_url(),
        }

    def _compare_url(self) -> str:
        if not self.row.live:
            return ""
        return compare_address(self.row, "live", str(self.step.revision_id))


def read_address(step: TaskState) -> str:
    """Return where a step is taken."""
    return reverse("read", args=[step.pk])


def list_changes(row: Any, wording: Any, request: HttpRequest) -> Iterator[Any]:
    """Give the fields that a draft changes, each old beside new; none for what was never live."""
    if not row.live:
        return
    panel = row.get_edit_handler().get_bound_panel(instance=row, request=request, form=None)
    for compare in panel.get_comparison():
        compared = compare(row, wording)
        if compared.has_changed():
            yield compared


def say_what_came_of_it(step: Reading) -> str:
    """Return what happened after an answer: returned, on to the next step, live, or waiting."""
    step.refresh_from_db()
    if step.status == TaskState.STATUS_REJECTED:
        return _("Returned to its author with your reason.")
    state = step.workflow_state
    state.refresh_from_db()
    if state.status == state.STATUS_IN_PROGRESS:
        task = title_of(state.current_task_state.task)
        return _("Approved. It now waits for: %(task)s.") % {"task": task}
    step.revision.refresh_from_db()
    if step.revision.approved_go_live_at:
        when = date_format(localtime(step.revision.approved_go_live_at), "SHORT_DATETIME_FORMAT")
        return _("Approved. It goes live at the time it names: %(when)s.") % {"when": when}
    row = type(step.row).objects.get(pk=step.row.pk)
    if row.live and row.live_revision_id == step.revision_id:
        return _("Approved, and live.")
    return _("Approved. It goes live together with its original: publish it in every language.")


def _read_for(act: Act) -> str:
    if act == Act.PROTECTION_READ:
        return _("Read for protection")
    return _("Read the facts")
