"""Live help while a message is typed: what it costs, how it will look, what the linter says.

The texts come in the body of a POST and go back in its answer; they stand in no address and no log.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language as get_active
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.images.models import Image
from wagtail.models import Page

from cms.links import fill_link
from cms.linting import PHONE_FIELDS, DraftMessage, Finding, Severity, lint
from cms.linting.gate import outstanding, reasons_for
from cms.linting.reading import read_draft
from cms.metering import Meter, measure
from cms.models import (
    Claim,
    ContactPoint,
    Fact,
    MessagePage,
    Pathway,
    Recording,
    Route,
    Story,
)
from cms.models.codes import CommaSeparated
from cms.prices import PriceList, narrow, price_thousand
from locales.languages import Language, get_language

METERED = ("nudge_text", "sms_text")
LONGEST_TEXT = 20_000
USED: dict[str, Any] = {
    "routes": Route,
    "facts": Fact,
    "pathways": Pathway,
    "claims": Claim,
    "contact_points": ContactPoint,
    "stories": Story,
}


# ---- What is shown ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextHelp:
    """One text on the phone: as it will read there, what it takes and what it costs."""

    name: str
    label: str
    text: str
    meter: Meter | None = None
    price: PriceList | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One finding as the editor sees it, with the reason that was given for keeping it."""

    finding: Finding
    sentence: str
    box: str
    reason: str = ""

    @property
    def is_error(self) -> bool:
        """Tell whether it keeps the message from being submitted."""
        return self.finding.severity == Severity.ERROR

    @property
    def reason_name(self) -> str:
        """Return the name of the box for a reason."""
        return name_reason(self.finding)


@dataclass(frozen=True, slots=True)
class Help:
    """Everything that is told about a message as it stands.

    `open` counts what holds it back; `is_pushed_whole` says that the SMS itself comes unasked.
    """

    language: Language
    texts: tuple[TextHelp, ...]
    told: tuple[Told, ...]
    open: int
    is_pushed_whole: bool = False

    @property
    def errors(self) -> int:
        """Return how many errors there are."""
        return sum(told.is_error for told in self.told)

    @property
    def summary(self) -> str:
        """Return in one sentence whether the message can be submitted."""
        if not self.open:
            return _("Nothing stands in the way of a review.")
        waiting = self.open - self.errors
        parts = []
        if self.errors:
            words = ngettext("%(n)s error to mend", "%(n)s errors to mend", self.errors)
            parts.append(words % {"n": self.errors})
        if waiting:
            words = ngettext(
                "%(n)s warning to mend or to give a reason for",
                "%(n)s warnings to mend or to give a reason for",
                waiting,
            )
            parts.append(words % {"n": waiting})
        return _("Before a review: %(what)s.") % {"what": ", ".join(parts)}

    @property
    def unasked(self) -> str:
        """Return what stands on a locked phone that nobody has asked for anything."""
        return self.text("sms_text" if self.is_pushed_whole else "nudge_text").text

    def text(self, name: str) -> TextHelp:
        """Return the help for one text."""
        return next(text for text in self.texts if text.name == name)


def name_reason(finding: Finding) -> str:
    """Return the name of the form's box for a reason to keep what a warning is about."""
    return f"reason-{finding.rule}-{finding.fingerprint}"


def describe(
    draft: DraftMessage, *, today: date, reasons: Mapping[str, str], typed: Mapping[str, str]
) -> Help:
    """Describe a message; `reasons` are recorded, `typed` stand in the boxes."""
    findings = lint(draft, today=today)
    return Help(
        language=get_language(draft.language),
        texts=tuple(_describe_text(draft, name, today=today) for name in PHONE_FIELDS),
        told=tuple(
            Told(
                finding,
                finding.say(),
                _label(finding.field),
                reasons.get(finding.record_as, "") or typed.get(name_reason(finding), ""),
            )
            for finding in findings
        ),
        open=len(outstanding(findings, reasons=reasons)),
        is_pushed_whole="sms_text" in draft.unasked and not draft.texts.get("nudge_text", ""),
    )


def _describe_text(draft: DraftMessage, name: str, *, today: date) -> TextHelp:
    text = draft.texts.get(name, "")
    filled = fill_link(text, draft.link)
    if name not in METERED:
        return TextHelp(name, _label(name), filled)
    meter = measure(text, link=draft.link)
    price = price_thousand(
        meter.parts,
        narrow(draft.route_countries, draft.audience) if meter.parts else (),
        channel="sms",
        today=today,
        language=get_active() or "en",
    )
    return TextHelp(name, _label(name), filled, meter, price)


def _label(name: str) -> str:
    field: Any = MessagePage._meta.get_field(name) if name else None
    return str(capfirst(field.verbose_name)) if field else ""


# ---- What stands in the boxes -------------------------------------------------------------------


class TypedMessage(forms.Form):
    """What an editor has typed so far, whether or not it could be saved."""

    nudge_text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    sms_text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    whatsapp_text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    web_title = forms.CharField(required=False, max_length=LONGEST_TEXT)
    web_summary = forms.CharField(required=False, max_length=LONGEST_TEXT)
    picture_alt = forms.CharField(required=False, max_length=LONGEST_TEXT)
    pattern = forms.CharField(required=False)
    sensitivity = forms.CharField(required=False)
    audience_countries = CommaSeparated(required=False)
    expires = forms.DateField()
    plain_language = forms.BooleanField(required=False)
    whatsapp_template_needed = forms.BooleanField(required=False)
    recording = forms.ModelChoiceField(Recording.objects.all(), required=False)
    picture = forms.ModelChoiceField(Image.objects.all(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in USED.items():
            rows = model.objects.all()
            self.fields[name] = forms.ModelMultipleChoiceField(rows, required=False)

    def put_on(self, page: MessagePage) -> None:
        """Set what was typed on a page, unsaved; what cannot be read stays as it was saved."""
        self.is_valid()
        for name, value in self.cleaned_data.items():
            setattr(page, name, value)


def read_variables(data: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return the template's variables as they stand in the form, in order."""
    prefix = "whatsapp_template_variables"
    total = str(data.get(f"{prefix}-TOTAL_FORMS", "0"))
    rows = []
    # WhatsApp takes a hundred variables at most; a form that says more is none of ours.
    for number in range(min(int(total), 100) if total.isdecimal() else 0):
        row = {
            part: str(data.get(f"{prefix}-{number}-{part}", ""))
            for part in ("name", "example", "ORDER", "DELETE")
        }
        if row["name"] and not row["DELETE"]:
            order = int(row["ORDER"]) if row["ORDER"].isdecimal() else number
            rows.append((order, row["name"], row["example"]))
    return [(name, example) for _order, name, example in sorted(rows)]


# ---- The address --------------------------------------------------------------------------------


@require_POST
def message_help(request: HttpRequest) -> JsonResponse:
    """Answer with what there is to say about the texts in the body."""
    page = _find_page(request)
    TypedMessage(request.POST).put_on(page)
    draft = read_draft(page, variables=read_variables(request.POST))
    told = describe(
        draft,
        today=timezone.localdate(),
        reasons=reasons_for(page),
        typed={name: str(value) for name, value in request.POST.items()},
    )
    return JsonResponse(
        {
            "summary": told.summary,
            "errors": told.errors,
            "open": told.open,
            "texts": {text.name: _as_data(text) for text in told.texts if text.meter},
            "findings": [_finding_as_data(item) for item in told.told],
            "html": render_pieces(told),
        }
    )


def render_pieces(told: Help) -> dict[str, str]:
    """Render each part of the page that changes while somebody types, by its name there."""
    pieces: dict[str, str] = {
        f"meter-{name}": render_to_string("cms/admin/_meter.html", {"text": told.text(name)})
        for name in METERED
    }
    pieces["phones"] = render_to_string("cms/admin/_phones.html", {"help": told})
    pieces["findings"] = render_to_string("cms/admin/_findings.html", {"help": told})
    return pieces


def _find_page(request: HttpRequest) -> MessagePage:
    """Return the page that is edited, or a new one below its parent, if this person may."""
    key, parent = request.POST.get("help-page", ""), request.POST.get("help-parent", "")
    if key.isdecimal():
        row = get_object_or_404(MessagePage, pk=int(key))
        if not row.permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        page: MessagePage = row.get_latest_revision_as_object()
        return page
    above = get_object_or_404(Page, pk=int(parent) if parent.isdecimal() else 0)
    if not above.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    return MessagePage(locale=above.locale)


def _as_data(text: TextHelp) -> dict[str, Any]:
    if text.meter is None or text.price is None:
        return {}
    meter, price = text.meter, text.price
    return {
        "alphabet": meter.alphabet,
        "units": meter.units,
        "parts": meter.parts,
        "left": meter.left,
        "per_part": meter.per_part,
        "costly": [
            {"character": item.character, "cost": item.cost.value, "instead": item.instead}
            for item in meter.costly
        ],
        "parts_if_plain": meter.parts_if_plain,
        "price": [
            {"country": line.country, "amount": str(line.amount), "currency": line.currency}
            for line in price.lines
        ],
        "no_price_for": list(price.unknown),
    }


def _finding_as_data(told: Told) -> dict[str, Any]:
    finding = told.finding
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "field": finding.field,
        "what": finding.what,
        "detail": finding.detail,
        "text": told.sentence,
        "reason": "" if told.is_error else told.reason_name,
    }


@hooks.register("register_admin_urls")
def register_help() -> Collection[URLPattern]:
    """Give the help its address in the admin, for those who may be there."""
    return [path("waymark/message-help/", message_help, name="message_help")]
