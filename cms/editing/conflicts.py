"""Two editors at once: the second one hears what happened, keeps what she typed, and decides.

Saving over a newer draft takes a choice of its own; both drafts stay in the history. Needs no script.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import Page, Revision

from cms.editing.addresses import compare_address
from cms.linting.gate import NotSubmittable
from cms.models import NotApprovable, NotPublishable

# Words of ours, which Wagtail would replace by "you have no permission".
REFUSALS = (NotApprovable, NotPublishable, NotSubmittable)
LOADED = "loaded_revision_id"
ON_TOP = "save_on_top"


def find_newer(posted: Mapping[str, str], latest: Revision | None) -> Revision | None:
    """Return the draft that this form does not know of; None where it may be saved.

    A form without the field comes from no browser; an empty one was opened before the first draft.
    """
    if latest is None or LOADED not in posted:
        return None
    known = {posted[LOADED], posted.get(ON_TOP)}
    return None if str(latest.pk) in known else latest


def say_what_happened(request: HttpRequest, row: Any, newer: Revision, *, form_id: str) -> None:
    """Tell who saved what and when, with the way to compare and the choice to save all the same."""
    when = date_format(localtime(newer.created_at), "SHORT_DATETIME_FORMAT")
    words = (
        _("You saved another draft of this in another window (%(when)s).")
        if newer.user_id == request.user.pk
        else _("%(who)s saved another draft of this after you opened it (%(when)s).")
    ) % {"who": _name(newer.user), "when": when}
    # On a line of its own and away from the edge, where a phone shows the button of the menu.
    choice = format_html(
        '<span style="display:block;margin-block:.5rem;padding-inline-start:3.5rem">'
        '<button type="submit" form="{}" name="{}" value="{}" class="button button-small">{}</button>'
        "</span>",
        form_id,
        ON_TOP,
        newer.pk,
        _("Save mine on top"),
    )
    rest = _("Nothing is lost: what you typed is still here, and both drafts stay in the history.")
    # The comparison opens beside the form, or what was typed would go.
    compare = messages.button(
        compare_address(row, request.POST[LOADED] or "live", str(newer.pk)),
        _("See what has changed"),
        new_window=True,
    )
    said = format_html("<strong>{}</strong> {} {}", words, rest, choice)
    messages.error(request, said, buttons=[compare])


def _name(user: Any) -> str:
    return _("Somebody") if user is None else user.get_full_name() or user.get_username()


class _Careful:
    """Hold the row while a form is saved, and refuse to save over a draft that it does not know."""

    form_id = ""
    expects_json_response: bool

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save, or say what somebody else has saved meanwhile."""
        try:
            with transaction.atomic():
                latest = _hold(self.row_to_hold())
                newer = None if self.expects_json_response else find_newer(request.POST, latest)
                if newer is None:
                    answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
                    return answer
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            say_what_happened(request, self.row_to_hold(), newer, form_id=self.form_id)
        return self.show_again()

    def row_to_hold(self) -> Any:
        """Return the row that is being edited."""
        raise NotImplementedError

    def show_again(self) -> HttpResponse:
        """Show the form with what was typed."""
        raise NotImplementedError

    def keep_what_was_loaded(self, shown: Any) -> None:
        """Let the form go on saying which draft it was opened with, so that a second try is refused too."""
        loaded = self.request.POST.get(LOADED, "")  # type: ignore[attr-defined]
        shown.latest_revision_id = int(loaded) if loaded.isdigit() else None


def _hold(row: Any) -> Revision | None:
    # One after the other: PostgreSQL locks the row, SQLite the database.
    model = Page if isinstance(row, Page) else type(row)
    held = model.objects.select_for_update().filter(pk=row.pk).first()
    return None if held is None else held.latest_revision


class CarefulPage(_Careful):
    """The same for the form of a page."""

    form_id = "page-edit-form"

    def row_to_hold(self) -> Any:
        """Return the page that is being edited."""
        return self.page  # type: ignore[attr-defined]

    def show_again(self) -> HttpResponse:
        """Show the form with what was typed."""
        view: Any = self
        view.form = view.form_class(
            view.request.POST,
            view.request.FILES,
            instance=view.page,
            subscription=view.subscription,
            parent_page=view.parent,
            for_user=view.request.user,
        )
        view.form.defer_required_fields()
        view.form.is_valid()
        view.form.restore_required_fields()
        view.has_unsaved_changes = True
        self.keep_what_was_loaded(view.page)
        answer: HttpResponse = view.render_to_response(view.get_context_data())
        return answer


class CarefulEntry(_Careful):
    """The same for the form of anything else."""

    form_id = "w-editor-form"

    def row_to_hold(self) -> Any:
        """Return the row that is being edited."""
        return self.object  # type: ignore[attr-defined]

    def show_again(self) -> HttpResponse:
        """Show the form with what was typed."""
        view: Any = self
        view.form = view.get_form()
        view.form.defer_required_fields()
        view.form.is_valid()
        view.form.restore_required_fields()
        view.has_unsaved_changes = True
        self.keep_what_was_loaded(view.object)
        answer: HttpResponse = view.render_to_response(view.get_context_data(form=view.form))
        return answer
