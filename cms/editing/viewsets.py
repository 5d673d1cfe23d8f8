"""Wagtail's views of pages and entries with our ways in them: two editors, own languages, reviews."""

from typing import Any

from wagtail.admin.views.pages.edit import EditView as PageEditView
from wagtail.admin.views.pages.history import PageHistoryView, WorkflowHistoryDetailView
from wagtail.admin.views.pages.history import WorkflowHistoryView as PageWorkflowHistoryView
from wagtail.admin.views.pages.revisions import RevisionsCompareView as PageCompareView
from wagtail.admin.views.pages.revisions import RevisionsRevertView
from wagtail.admin.views.pages.usage import UsageView as PageUsageView
from wagtail.admin.views.pages.workflow import CollectWorkflowActionDataView, WorkflowActionView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.editing.conflicts import CarefulEntry, CarefulPage
from cms.editing.deciding import SaysWhyNot
from cms.editing.guarding import View, guard
from cms.models import HomePage, MessagePage, PlainPage, RoutePage

# Looking is free: a translator needs the other languages beside her own.
LOOKING = (
    PageHistoryView,
    PageWorkflowHistoryView,
    WorkflowHistoryDetailView,
    PageCompareView,
    PageUsageView,
    snippets.HistoryView,
    snippets.WorkflowHistoryView,
    snippets.WorkflowHistoryDetailView,
    snippets.RevisionsCompareView,
    snippets.UsageView,
    snippets.InspectView,
)


class EditPage(CarefulPage, PageEditView):
    """Edit a page with an eye on the other editor."""


class RevertPage(CarefulPage, RevisionsRevertView):
    """Go back to an earlier draft of a page with an eye on the other editor."""


class DecideOnPage(SaysWhyNot, WorkflowActionView):
    """Approve or return a page."""


class CollectForPage(SaysWhyNot, CollectWorkflowActionDataView):
    """Ask for what goes with an answer on a page."""


class GuardedPageViewSet(PageViewSet):
    """The views of one kind of page."""

    edit_view_class = EditPage
    revisions_revert_view_class = RevertPage
    workflow_action_view_class = DecideOnPage
    collect_workflow_action_data_view_class = CollectForPage

    def construct_view(self, view_class: Any, **kwargs: Any) -> View:
        """Ask for the language before anything that writes."""
        view: View = super().construct_view(view_class, **kwargs)
        if issubclass(view_class, LOOKING):
            return view
        return guard(view, model=self.model, argument="page_id")


PAGE_VIEWSETS = [
    type(f"{model.__name__}ViewSet", (GuardedPageViewSet,), {"model": model})
    for model in (HomePage, RoutePage, MessagePage, PlainPage)
]


class EditEntry(CarefulEntry, snippets.EditView):
    """Edit an entry with an eye on the other editor."""

    template_name = "cms/admin/edit_entry.html"


class TakeDownEntry(snippets.UnpublishView):
    """Take an entry down: who may take live may do that too."""

    permission_required = "unpublish"


class UnscheduleEntry(snippets.RevisionsUnscheduleView):
    """Take a draft off the schedule."""

    permission_required = "unpublish"


class CompareEntry(snippets.RevisionsCompareView):
    """Compare two wordings: who reads must see what has changed."""

    permission_required = "view"


class EntryReviews(snippets.WorkflowHistoryView):
    """List the reviews of an entry."""

    permission_required = "view"


class EntryReview(snippets.WorkflowHistoryDetailView):
    """Show one review of an entry."""

    permission_required = "view"


class DecideOnEntry(SaysWhyNot, snippets.WorkflowActionView):
    """Approve or return an entry."""


class CollectForEntry(SaysWhyNot, snippets.CollectWorkflowActionDataView):
    """Ask for what goes with an answer on an entry."""


class GuardedViewSet(SnippetViewSet):
    """The views of one kind of entry."""

    edit_view_class = EditEntry
    edit_template_name = "cms/admin/edit_entry.html"
    unpublish_view_class = TakeDownEntry
    revisions_unschedule_view_class = UnscheduleEntry
    revisions_compare_view_class = CompareEntry
    workflow_history_view_class = EntryReviews
    workflow_history_detail_view_class = EntryReview
    workflow_action_view_class = DecideOnEntry
    collect_workflow_action_data_view_class = CollectForEntry

    def construct_view(self, view_class: Any, **kwargs: Any) -> View:
        """Ask for the language before anything that writes."""
        view: View = super().construct_view(view_class, **kwargs)
        if issubclass(view_class, LOOKING):
            return view
        return guard(view, model=self.model, argument="pk")
