"""Publish in every language: one page that says of each language whether it goes, and one button."""

from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from cms.editing.addresses import edit_address, list_address
from cms.going_live import Language, Outcome, survey, take_ready_live
from cms.models import Editorial
from cms.readiness import Outlook, Reason, Why
from cms.rights import may_take_live
from locales.languages import get_language

WORDS = {
    Why.MISSING: gettext_lazy("There is no text in this language."),
    Why.UNTRANSLATED: gettext_lazy(
        "It is not translated: it has the words of its original, or none."
    ),
    Why.MACHINE: gettext_lazy("A machine made it, and nobody has read it."),
    Why.UNREVIEWED: gettext_lazy("Nobody has read this translation."),
    Why.OUTDATED: gettext_lazy(
        "It is older than the change of its original on %(day)s: readers get the original instead."
    ),
    Why.USE_CHANGED: gettext_lazy("Something it rests on has changed on %(day)s."),
    Why.NOT_SUBMITTED: gettext_lazy("It is a draft. Submit it, so that somebody else reads it."),
    Why.BEING_READ: gettext_lazy("It waits for its reading: %(detail)s."),
    Why.RETURNED: gettext_lazy("It was returned to its author."),
    Why.REFUSED: gettext_lazy("%(detail)s"),
    Why.ORIGINAL_FIRST: gettext_lazy("Its original goes live first."),
}


def say_why(reason: Reason) -> str:
    """Return one reason in words."""
    day = date_format(timezone.localtime(reason.since), "DATE_FORMAT") if reason.since else ""
    return str(WORDS[reason.why]) % {"detail": reason.detail, "day": day}


class GoingLiveView(WagtailAdminTemplateMixin, TemplateView):
    """Show what becomes of each language, and take live what is ready."""

    template_name = "cms/admin/going_live.html"
    page_title = gettext_lazy("Publish in every language")
    header_icon = "site"
    row: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who may take this live."""
        self.row = find_row(kwargs["model"], kwargs["pk"])
        if not may_take_live(request.user, self.row):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Take live what is ready, and say what was left out."""
        try:
            outcome = take_ready_live(
                self.row, by=request.user, now=timezone.now(), today=timezone.localdate()
            )
        except PermissionDenied as refusal:
            messages.error(
                request, str(refusal) or _("This can not be done now. Look at it again.")
            )
        else:
            tell(request, outcome)
        return redirect(request.path)

    def get_page_subtitle(self) -> str:
        """Return what goes live."""
        return str(self.row)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list and to the form."""
        return [
            *super().get_breadcrumbs_items(),
            {
                "url": list_address(self.row),
                "label": self.row._meta.verbose_name_plural.capitalize(),
            },
            {"url": edit_address(self.row), "label": str(self.row)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the table."""
        languages = survey(self.row, today=timezone.localdate())
        return {
            **super().get_context_data(**kwargs),
            "row": self.row,
            "lines": [_line(one) for one in languages],
            "ready": [one for one in languages if one.verdict.outlook == Outlook.READY],
            "ready_codes": ", ".join(_codes(languages, Outlook.READY)),
        }


def tell(request: HttpRequest, outcome: Outcome) -> None:
    """Say what went live and what was left out."""
    if outcome.went:
        went = ", ".join(get_language(one.locale.language_code).endonym for one in outcome.went)
        messages.success(request, _("Live now: %(languages)s.") % {"languages": went})
    else:
        messages.info(request, _("Nothing new was ready, so nothing has changed."))
    if outcome.held:
        held = ", ".join(get_language(one.locale.language_code).endonym for one in outcome.held)
        words = _("Left out: %(languages)s. The table says why.")
        messages.warning(request, words % {"languages": held})


def find_row(model: str, pk: int) -> Any:
    """Return the text that an address names; raise Http404 where there is none."""
    try:
        found: type[Model] = apps.get_model("cms", model)
    except LookupError as error:
        raise Http404 from error
    if not issubclass(found, Editorial):
        raise Http404
    return get_object_or_404(found, pk=pk)


def going_live_address(row: Any) -> str:
    """Return where a text goes live in every language."""
    return reverse("going_live", args=[row._meta.model_name, row.pk])


def _line(one: Language) -> dict[str, Any]:
    return {
        "language": get_language(one.locale.language_code),
        "row": one.row,
        "live": one.verdict.candidate.live,
        "is_original": one.verdict.candidate.is_original,
        "outlook": one.verdict.outlook.value,
        "reasons": [say_why(reason) for reason in one.verdict.reasons],
        "edit_url": edit_address(one.row) if one.row is not None else "",
    }


def _codes(languages: list[Language], outlook: Outlook) -> list[str]:
    return [one.locale.language_code for one in languages if one.verdict.outlook == outlook]
