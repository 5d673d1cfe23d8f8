"""The form of a message: what the linter finds is shown always, and holds a message at submission.

A draft is always saved. On the way to a review an error holds, and a warning holds until somebody
has written why the text stays; the reason is recorded, and not asked for again.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cms.entry_forms import ChangedPageForm
from cms.linting import Finding, Severity, lint
from cms.linting.gate import give_reason, outstanding, reasons_for
from cms.linting.reading import read_draft
from cms.message_help import USED, Help, describe, name_reason
from cms.models import MessagePage

# The buttons that send a message on; every other one only saves, discards or returns it.
SENDING_ON = ("action-publish", "action-submit", "action-restart-workflow")
APPROVE = "approve"


class MessageForm(ChangedPageForm):
    """A message's form that asks the linter before it lets the message go on."""

    class Media:
        css = {"all": ["cms/message-help.css"]}
        js = ["cms/message-help.js"]

    # Filled when the message is sent on: only then does a reason count.
    _warnings: Sequence[Finding] = ()

    def is_valid(self) -> bool:
        """Check the boxes, then, when the message is sent on, what stands in them."""
        valid = bool(super().is_valid())
        if valid and self.is_sent_on:
            self._ask_linter(today=timezone.localdate())
            return not self.errors
        return valid

    def save(self, commit: bool = True) -> Any:
        """Save the page, and record the reasons that were given for keeping it as it is."""
        page = super().save(commit=commit)
        page.given_reasons = self._reasons_to_record()
        page.reasons_given_by = self.for_user
        if page.pk is not None:
            record_reasons(page)
        return page

    @property
    def is_sent_on(self) -> bool:
        """Tell whether a button was pressed that sends the message to its reviewers, or live."""
        # Wagtail's view has decided what the button means for this person: saving stays saving.
        if not self.is_bound or self.is_deferred_validation:
            return False
        approves = self.data.get("workflow-action-name") == APPROVE
        return any(name in self.data for name in SENDING_ON) or (
            approves and "action-workflow-action" in self.data
        )

    @cached_property
    def message_help(self) -> Help:
        """Return what there is to say about the message as it stands in the form."""
        return describe(
            read_draft(self._as_it_stands(), variables=self._read_variables()),
            today=timezone.localdate(),
            reasons=self._recorded,
            typed={name: str(value) for name, value in self.data.items()},
        )

    @cached_property
    def _recorded(self) -> dict[str, str]:
        return reasons_for(self.instance)

    def _as_it_stands(self) -> MessagePage:
        """Set on the page what its own fields do not hold before it is saved: what it uses."""
        page: MessagePage = self.instance
        for name in USED:
            if self.is_bound and name in self.cleaned_data:
                setattr(page, name, self.cleaned_data[name])
        return page

    def _read_variables(self) -> list[tuple[str, str]] | None:
        formset = self.formsets.get("whatsapp_template_variables")
        if formset is None or not self.is_bound or not formset.is_valid():
            return None
        rows = [form.cleaned_data for form in formset.ordered_forms]
        return [(row["name"], row["example"]) for row in rows]

    def _ask_linter(self, *, today: date) -> None:
        draft = read_draft(self._as_it_stands(), variables=self._read_variables())
        findings = lint(draft, today=today)
        self._warnings = [item for item in findings if item.severity == Severity.WARNING]
        for finding in outstanding(findings, reasons=self._recorded):
            if finding.severity == Severity.ERROR:
                self._refuse(finding, finding.say())
            elif not self._reason_typed(finding):
                words = _("%(finding)s Change it, or write below why it stays.")
                self._refuse(finding, words % {"finding": finding.say()})

    def _refuse(self, finding: Finding, words: str) -> None:
        self.add_error(finding.field if finding.field in self.fields else None, words)

    def _reason_typed(self, finding: Finding) -> str:
        return str(self.data.get(name_reason(finding), "")).strip()

    def _reasons_to_record(self) -> list[tuple[Finding, str]]:
        """Return the warnings that are kept for a reason which is not recorded yet."""
        typed = [(finding, self._reason_typed(finding)) for finding in self._warnings]
        return [
            (finding, note)
            for finding, note in typed
            if note and self._recorded.get(finding.record_as) != note
        ]


def record_reasons(page: Any) -> None:
    """Record, once, the reasons that came with a page's form."""
    reasons, page.given_reasons = page.given_reasons, []
    for finding, note in reasons:
        give_reason(page, finding, note=note, by=page.reasons_given_by, now=timezone.now())


@receiver(post_save, sender=MessagePage)
def record_reasons_of_new_page(instance: Any, **_details: Any) -> None:
    """Record the reasons for a message that had no row yet when its form was saved."""
    if getattr(instance, "given_reasons", ()):
        record_reasons(instance)
