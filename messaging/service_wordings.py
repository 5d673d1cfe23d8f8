"""Service wordings: what we must be able to send on WhatsApp to somebody who has not just written.

A code to confirm with, and the question whether to go on. They are the texts that SMS has, made
templates; a language without a wording of its own has none here. Whether WhatsApp approves them is
`messaging.notifying.templates`' to ask.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from locales.languages import READER_LANGUAGES
from messaging.models import Notice, Template
from messaging.notifying.confirming import compose_confirmation
from messaging.notifying.templates import Draft, TemplateError, submit
from messaging.senders.roster import NoSenderError
from messaging.upkeep.lapsing import compose_question
from messaging.wire import WHATSAPP

# Both are about what one person asked for: nothing is offered in them.
_CATEGORY = "utility"
_CODE = "{{1}}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Say how a service wording stands: `template` is None until it was submitted as it reads now."""

    draft: Draft
    template: Template | None


def list_drafts() -> list[Draft]:
    """Return every service wording in every language that has words of its own for it."""
    return [*_draft(Notice.Kind.CONFIRM, gaps=1), *_draft(Notice.Kind.GO_ON, gaps=0)]


def read_standings() -> list[Standing]:
    """Return how each service wording stands."""
    drafts = list_drafts()
    names = {draft.name for draft in drafts}
    rows = Template.objects.filter(name__in=names).order_by("pk")
    known = {(row.name, row.language, row.digest): row for row in rows}
    return [
        Standing(draft, known.get((draft.name, draft.language, draft.digest))) for draft in drafts
    ]


def submit_all(*, now: datetime) -> tuple[int, str]:
    """Submit what was not yet; return how many were, and why the rest was not, if so.

    Ends at the first that cannot be submitted: the next would fail for the same reason.
    """
    done = 0
    for standing in _find_unsubmitted(read_standings()):
        try:
            submit(standing.draft, now=now)
        except (TemplateError, NoSenderError) as error:
            return done, str(error)
        done += 1
    return done, ""


def name_of(kind: str) -> str:
    """Return the name under which notices of a kind look for their template."""
    return f"waymark_{kind}"


def _find_unsubmitted(standings: Iterable[Standing]) -> list[Standing]:
    return [one for one in standings if one.template is None or not one.template.ref]


def _draft(kind: str, *, gaps: int) -> list[Draft]:
    found: dict[str, str] = {}
    for language in ("en", *(code for code in READER_LANGUAGES if code != "en")):
        text = _compose(kind, language)
        # A language that borrows another's words has no wording of its own.
        if text not in found.values():
            found[language] = text
    return [
        Draft(name_of(kind), language, _CATEGORY, text, gaps) for language, text in found.items()
    ]


def _compose(kind: str, language: str) -> str:
    # WhatsApp can be answered everywhere, so the country does not matter.
    if kind == Notice.Kind.CONFIRM:
        return compose_confirmation(_CODE, channel=WHATSAPP, country="", language=language)
    return compose_question(channel=WHATSAPP, country="", language=language)
