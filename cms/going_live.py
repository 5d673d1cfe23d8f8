"""Taking a thing live in every language at once: what others have read goes, the rest is named.

Running it twice changes nothing: what is live stays as it is, and what is left out is noted once.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.models import Locale, Revision, WorkflowState

from cms.holding import read_text
from cms.linting.gate import NotSubmittable, check_submittable
from cms.models import (
    Act,
    MessagePage,
    NotPublishable,
    Review,
    is_untranslated,
    missing_acts,
    read_at,
    record,
    source_of,
    title_of,
)
from cms.readiness import Candidate, Outlook, Verdict, judge_all

logger = logging.getLogger("waymark.cms")


@dataclass(frozen=True, slots=True)
class Language:
    """One language of a thing with what becomes of it; `row` is None where there is no text."""

    locale: Locale
    row: Any
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one action came to: the languages that went live, and those left out."""

    went: tuple[Language, ...]
    held: tuple[Language, ...]


def survey(row: Any, *, today: date) -> list[Language]:
    """Return every language of the site, the original's first, with what may become of it today."""
    source = source_of(row)
    siblings = type(row).objects.filter(translation_key=row.translation_key)
    rows = {one.locale_id: one for one in siblings.select_related("locale", "latest_revision")}
    locales = list(Locale.objects.all())
    candidates = [
        _read(rows[locale.pk], source, today=today) if locale.pk in rows else _missing(locale)
        for locale in locales
    ]
    places = {locale.language_code: locale for locale in locales}
    return [
        Language(places[verdict.language], rows.get(places[verdict.language].pk), verdict)
        for verdict in judge_all(candidates)
    ]


def take_ready_live(row: Any, *, by: Any, now: datetime, today: date) -> Outcome:
    """Take live what is ready in any language, and note what was left out and why."""
    with transaction.atomic():
        siblings = type(row).objects.filter(translation_key=row.translation_key)
        # Two publishers at once: the second one finds it done.
        list(siblings.select_for_update().order_by("pk").values_list("pk"))
        languages = survey(row, today=today)
        went = [one for one in languages if one.verdict.outlook == Outlook.READY]
        for one in went:
            one.row.take_live(one.row.latest_revision, by=by)
        # What has just gone live may leave others behind.
        languages = survey(row, today=today) if went else languages
        held = [one for one in languages if one.verdict.outlook == Outlook.HELD]
        for one in held:
            _note(one, source_of(row), by=by, now=now)
    return Outcome(tuple(went), tuple(held))


def take_due_live(*, now: datetime) -> int:
    """Take live what a finished review has put on the schedule; return how many went.

    What may not go live any more leaves the schedule, and why is noted.
    """
    went = 0
    due = Revision.objects.filter(approved_go_live_at__lte=now)
    for revision in due.order_by("approved_go_live_at", "pk"):
        try:
            with transaction.atomic():
                revision.publish()
        except NotPublishable as refusal:
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
            row, words = revision.content_object, str(refusal)
            record(row, Act.HELD_BACK, by=None, now=now, revision=revision, note=words)
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with one keeps no other back
            # Its words could hold a text.
            logger.error("What was due did not go live: %s", type(fault).__name__)
        else:
            went += 1
    return went


def _missing(locale: Locale) -> Candidate:
    return Candidate(locale.language_code, exists=False)


def _read(row: Any, source: Any, *, today: date) -> Candidate:
    newest: Revision | None = row.latest_revision
    is_newest_live = row.live and (newest is None or newest.pk == row.live_revision_id)
    wording = row if newest is None else newest.as_object()
    text = read_text(row)
    state = row.current_workflow_state
    reading = state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS
    read = read_at(row, newest) if newest is not None and not is_newest_live else None
    return Candidate(
        row.locale.language_code,
        is_original=row.pk == source.pk,
        live=row.live,
        is_newest_live=is_newest_live,
        state=row.translation_state,
        is_untranslated=is_untranslated(wording),
        unread=_unread(row, newest),
        waits_for=title_of(state.current_task_state.task) if reading else "",
        is_returned=state is not None and not reading,
        refusals=() if is_newest_live else tuple(_refusals(wording, today=today)),
        right_at=read or row.current_as_of,
        source_changed_at=text.source_changed_at,
        use_changed_at=text.use_changed_at,
    )


def _unread(row: Any, newest: Revision | None) -> tuple[str, ...]:
    if newest is None:
        return tuple(str(act.label) for act in row.wanted_acts)
    missing = missing_acts(row, newest, row.wanted_for(newest))
    return tuple(str(act.label) for act in missing)


def _refusals(wording: Any, *, today: date) -> Iterator[str]:
    if is_untranslated(wording):
        return  # told in words of its own
    try:
        wording.check_publishable()
        if isinstance(wording, MessagePage):
            check_submittable(wording, today=today)
    except (NotPublishable, NotSubmittable, PermissionDenied) as refusal:
        yield str(refusal)


def _note(one: Language, source: Any, *, by: Any, now: datetime) -> None:
    """Note once for each wording and reason that a language was left out."""
    row = one.row or source
    revision = one.row.latest_revision if one.row is not None else None
    why = ",".join(reason.why.value for reason in one.verdict.reasons)
    rule = f"{one.locale.language_code}:{why}"[:40]
    known = Review.objects.filter(
        content_type=ContentType.objects.get_for_model(row),
        object_id=row.pk,
        act=Act.HELD_BACK,
        rule=rule,
        revision=revision,
    )
    if not known.exists():
        record(row, Act.HELD_BACK, by=by, now=now, rule=rule, revision=revision)
