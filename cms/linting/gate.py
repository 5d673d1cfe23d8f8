"""The gate below the form: what may not be submitted is refused, whichever way it comes.

An error always holds. A warning holds until somebody has written why the text stays as it is; the
reason counts for that very finding, so that it is asked for once.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cms.linting.reading import read_draft
from cms.linting.registry import lint
from cms.linting.values import Finding, Severity
from cms.models import Act, MessagePage, Review
from cms.reviewing import record


class NotSubmittable(PermissionDenied):
    """Raised when a message may not go on to its reviewers; `findings` say why.

    Its words name the rules only: a text or a number has no place in an error.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        rules = ", ".join(dict.fromkeys(finding.rule for finding in self.findings))
        words = _("This message cannot be submitted yet. Open it to see what to do: %(rules)s.")
        super().__init__(words % {"rules": rules})


def check_submittable(page: MessagePage, *, today: date) -> None:
    """Raise NotSubmittable when this wording breaks a rule, or keeps a warning without a reason.

    Hand over the wording that would go live: the latest revision as an object, not the live row.
    """
    findings = lint(read_draft(page), today=today)
    if held := outstanding(findings, reasons=reasons_for(page)):
        raise NotSubmittable(held)


def outstanding(findings: Iterable[Finding], *, reasons: Collection[str]) -> list[Finding]:
    """Return the findings that hold a message: errors, and warnings that nobody has reasoned away."""
    return [
        finding
        for finding in findings
        if finding.severity == Severity.ERROR or finding.record_as not in reasons
    ]


def reasons_for(page: MessagePage) -> dict[str, str]:
    """Return the reasons given for a page's warnings, by what they were given for."""
    if page.pk is None:
        return {}
    given = Review.objects.filter(
        content_type=ContentType.objects.get_for_model(MessagePage),
        object_id=page.pk,
        act=Act.REASONED,
    )
    return dict(given.order_by("at", "pk").values_list("rule", "note"))


def give_reason(
    page: MessagePage, finding: Finding, *, note: str, by: User | None, now: datetime
) -> Review:
    """Record why a text stays as it is in spite of a warning."""
    return record(page, Act.REASONED, by=by, now=now, rule=finding.record_as, note=note)
