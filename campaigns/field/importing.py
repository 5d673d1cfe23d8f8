"""Lists that partners bring: a dry run, a second person's yes, and then everybody on it is asked.

What a line is, and that nobody joins by a list, is messaging's; whose list it is, who may decide and
how much a partner may bring is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.field.joining import find_end
from campaigns.models import Campaign, Partner, SheetImport
from campaigns.models.broadcasts import make_code
from campaigns.models.segments import topic_of
from campaigns.permissions import Person, may_bring, may_decide
from cms.models import Route, RoutePage
from locales.folding import fold
from messaging.joining import importing, taking
from messaging.models import SheetRow

State = SheetImport.State
_DAY = timedelta(days=1)


class StepError(Exception):
    """Say why a step is not possible now, and what to do."""


@dataclass(frozen=True, slots=True)
class Bringing:
    """Hold what somebody brings, for whom, and within which campaign."""

    partner: Partner
    author: User
    data: bytes = field(repr=False)
    campaign: Campaign | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """Hold a new dry run, and how its file was read."""

    sheet: SheetImport
    checked: importing.Checked


def owner_of(partner: Partner) -> str:
    """Return the name by which a partner's sheets are marked."""
    return f"p{partner.pk}"


def bring(bringing: Bringing, *, now: datetime) -> Brought:
    """Check a file line by line and keep the verdicts; raise `SheetError` and keep nothing."""
    with transaction.atomic():
        # One at a time for a partner: the day's cap, and the same file twice, are seen.
        partner = Partner.objects.select_for_update().get(pk=bringing.partner.pk)
        code = make_code()
        upload = importing.Upload(
            reference=f"sheet:{code}",
            owner=owner_of(partner),
            data=bringing.data,
            topics=read_topics(),
        )
        checked = importing.check(upload, most=count_left(partner, now=now), now=now)
        sheet = SheetImport.objects.create(
            code=code,
            partner=partner,
            campaign=bringing.campaign,
            author_id=bringing.author.pk,
            counts=checked.counts,
            brought_at=now,
        )
        rows = {"rows": sum(checked.counts.values())}
        _note("brought", sheet, actor=bringing.author.pk, details=rows, now=now)
    return Brought(sheet, checked)


def count_left(partner: Partner, *, now: datetime) -> int:
    """Return how many more lines of a partner are checked within 24 hours."""
    brought = SheetImport.objects.filter(partner=partner, brought_at__gt=now - _DAY)
    used = sum(sum(counts.values()) for counts in brought.values_list("counts", flat=True))
    return max(0, int(settings.IMPORT_ROWS_DAY) - int(used))


def ask(sheet: SheetImport, person: Person, *, now: datetime) -> None:
    """Ask a second person for a yes; raise `StepError` where that makes no sense."""
    if not may_bring(person, sheet.partner):
        raise StepError(_("Only people who plan for this partner can ask for approval."))
    if not sheet.counts.get(SheetRow.Verdict.NEW):
        raise StepError(_("Nobody on this sheet would be asked, so there is nothing to approve."))
    with transaction.atomic():
        _move(sheet, State.CHECKED, State.ASKED)
        _note("asked", sheet, actor=person.pk, now=now)


def approve(sheet: SheetImport, person: User, *, now: datetime) -> None:
    """Say yes as the second person: from the next tick on everybody who is new is asked."""
    if not may_decide(person, sheet):
        raise StepError(_("You cannot approve this. A second person has to."))
    with transaction.atomic():
        _move(sheet, State.ASKED, State.TAKEN, decided_by=person, decided_at=now)
        try:
            taking.take(sheet.reference, now=now)
        except taking.TakingError:
            raise StepError(_("It waited too long. Bring the sheet again.")) from None
        _note("approved", sheet, actor=person.pk, now=now)


def refuse(sheet: SheetImport, person: User, *, reason: str, now: datetime) -> None:
    """Say no as the second person, with a reason; the numbers go at once."""
    if not may_decide(person, sheet):
        raise StepError(_("You cannot refuse this. A second person has to."))
    if not reason.strip():
        raise StepError(_("Say why, so that it can be mended."))
    with transaction.atomic():
        note = reason.strip()[:300]
        _move(sheet, State.ASKED, State.REFUSED, decided_by=person, decided_at=now, note=note)
        importing.drop([sheet.reference])
        _note("refused", sheet, actor=person.pk, now=now)


def discard(sheet: SheetImport, person: Person, *, now: datetime) -> None:
    """Throw away what nobody has decided on, as one of those who plan for the partner."""
    if not may_bring(person, sheet.partner):
        raise StepError(_("Only people who plan for this partner can discard it."))
    with transaction.atomic():
        _move(sheet, (State.CHECKED, State.ASKED), State.REFUSED, decided_at=now)
        importing.drop([sheet.reference])
        _note("discarded", sheet, actor=person.pk, now=now)


def lapse(*, now: datetime) -> int:
    """End what nobody decided on in time; return how many sheets lapsed."""
    references = importing.find_expired(now=now)
    if not references:
        return 0
    codes = [reference.partition(":")[2] for reference in references]
    with transaction.atomic():
        undecided = SheetImport.objects.filter(
            code__in=codes, state__in=[State.CHECKED, State.ASKED]
        )
        lapsed = undecided.update(state=State.LAPSED)
        importing.end_expired(now=now)
    return lapsed


def carry_on(*, clock: Callable[[], datetime], seconds: float) -> int:
    """Ask the next people of all approved sheets, for at most `seconds`; return how many."""
    return taking.carry_on(_read_asking, clock=clock, seconds=seconds)


def read_topics() -> dict[str, str]:
    """Return the topic of each route by its code and by its name in every language, folded."""
    topics: dict[str, str] = {}
    codes: dict[int, str] = {}
    for pk, code, name in Route.objects.values_list("pk", "code", "name"):
        codes[pk] = code
        topics |= {fold(code): topic_of(code), fold(name): topic_of(code)}
    pages = RoutePage.objects.live().values_list("migration_route_id", "title")
    return {fold(title): topic_of(codes[pk]) for pk, title in pages if pk in codes} | topics


def _read_asking(reference: str) -> taking.Asking | None:
    found = SheetImport.objects.filter(code=reference.partition(":")[2], state=State.TAKEN)
    sheet = found.select_related("partner", "campaign").first()
    if sheet is None:
        return None
    return taking.Asking(owner=owner_of(sheet.partner), until=find_end(sheet.campaign))


def _note(
    verb: str,
    sheet: SheetImport,
    *,
    actor: int | None,
    details: Mapping[str, int | str] | None = None,
    now: datetime,
) -> None:
    audit.note(
        verb,
        kind="import",
        code=sheet.code,
        actor=actor,
        partner=sheet.partner_id,
        details=details or {},
        now=now,
    )


def _move(
    sheet: SheetImport, before: State | tuple[State, ...], after: State, **fields: object
) -> None:
    """Take one step, or raise `StepError` where somebody has taken another one meanwhile."""
    states = before if isinstance(before, tuple) else (before,)
    standing = SheetImport.objects.filter(pk=sheet.pk, state__in=states)
    if not standing.update(state=after, **fields):
        raise StepError(_("Somebody has decided this already. Look at it again."))
    sheet.refresh_from_db()
