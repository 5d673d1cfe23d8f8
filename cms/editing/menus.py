"""The actions at the foot of a form: submit, read, publish in every language; never publish at once."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.action_menu import ActionMenuItem as PageItem
from wagtail.admin.action_menu import SubmitForModerationMenuItem as SubmitPageItem
from wagtail.models import Page, WorkflowState
from wagtail.snippets.action_menu import ActionMenuItem as EntryItem
from wagtail.snippets.action_menu import SubmitForModerationMenuItem as SubmitEntryItem

from cms.editing.going_live import going_live_address
from cms.editing.reading import read_address
from cms.models import Editorial, Reading
from cms.rights import may_take_live

DECISIONS = frozenset({"approve", "reject"})
PUBLISH = "action-publish"
SUBMIT = "action-submit"


class _Submits:
    """Say in our words what submitting does."""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return what the button shows."""
        context: dict[str, Any] = super().get_context_data(parent_context)  # type: ignore[misc]
        row = parent_context.get("page") or parent_context.get("instance")
        state = row.current_workflow_state if row is not None else None
        returned = state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES
        context["label"] = _("Submit again") if returned else _("Submit for review")
        return context


class SubmitPage(_Submits, SubmitPageItem):
    """Submit a page."""


class SubmitEntry(_Submits, SubmitEntryItem):
    """Submit an entry."""


class _Leads:
    """A link among the buttons."""

    def __init__(self, address: str, label: Any, **shown: Any) -> None:
        super().__init__(order=shown["order"])  # type: ignore[call-arg]
        self.address, self.label = address, label
        self.name, self.icon_name = shown["name"], shown["icon_name"]

    def get_url(self, _context: Any) -> str:
        """Return where it leads."""
        return self.address


class PageLink(_Leads, PageItem):
    """A link below a page's form."""


class EntryLink(_Leads, EntryItem):
    """A link below an entry's form."""


def arrange_page_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Arrange what a page's form offers."""
    page = context.get("page")
    items[:] = [SubmitPage(order=item.order) if item.name == SUBMIT else item for item in items]
    if page is not None and context["view"] == "edit":
        _arrange(items, request, page, PageLink)


def arrange_entry_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Arrange what an entry's form offers."""
    if not issubclass(context["model"], Editorial):
        return
    items[:] = [
        SubmitEntry(order=item.order) if item.name == SUBMIT else item
        for item in items
        if item.name != PUBLISH
    ]
    if context["view"] == "edit":
        _arrange(items, request, context["instance"], EntryLink)


def _arrange(items: list[Any], request: HttpRequest, row: Page | Any, link: Any) -> None:
    items[:] = [item for item in items if item.name not in DECISIONS]
    step = row.current_workflow_task_state
    if isinstance(step, Reading) and not step.why_not(request.user):
        label = _("Read and decide")
        shown = {"name": "action-read", "icon_name": "glasses", "order": 10}
        items.append(link(read_address(step), label, **shown))
    if isinstance(row, Editorial) and may_take_live(request.user, row):
        label = _("Publish in every language")
        shown = {"name": "action-going-live", "icon_name": "site", "order": 70}
        items.append(link(going_live_address(row), label, **shown))
    items.sort(key=lambda item: item.order)
