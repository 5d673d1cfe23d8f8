"""Approving and returning through Wagtail's own dialogs: the same rules, and words instead of a wall."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from wagtail.admin import messages

from cms.models import NotApprovable, NotPublishable, Reading


def form_for(step: Reading, form_class: Any) -> Any:
    """Return the form of an answer, with the last day that the text has now."""
    row = step.row
    has_day = bool(getattr(row, "lasting_field", ""))
    offered = row.lasts_until(step.revision) if has_day else None
    return partial(form_class, has_day=has_day, offered=offered)


def explain(refusal: PermissionDenied, step: Any, user: Any) -> str:
    """Return why an answer was refused, in words that say what to do."""
    if words := str(refusal):
        return words
    if isinstance(step, Reading) and (words := step.why_not(user)):
        return words
    return _("This can not be done now. Look at it again.")


class SaysWhyNot:
    """Say why an answer is refused, where Wagtail would only say that there is no permission."""

    def get_form_class(self) -> Any:
        """Offer the day that the text has now."""
        view: Any = self
        form_class = super().get_form_class()  # type: ignore[misc]
        is_ours = isinstance(view.task_state, Reading)
        return form_for(view.task_state, form_class) if is_ours else form_class

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer, or say why not on the page that she came from."""
        view: Any = self
        try:
            answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except (NotApprovable, NotPublishable, PermissionDenied) as refusal:
            messages.error(request, explain(refusal, view.task_state, request.user))
            return self._go_back()
        return answer

    def _go_back(self) -> HttpResponse:
        view: Any = self
        answer: HttpResponse = view.render_modal_json(
            view.request, {"step": "success", "redirect": view.redirect_url}
        )
        return answer
