"""What rests on a person's consent to her story, and taking all of it down when she withdraws it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from wagtail.actions.unpublish import UnpublishAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page

from cms.models import Act, MessagePage, Recording, RoutePage, Story, StoryConsent, record
from cms.models.changes import update_content


class AlreadyWithdrawn(Exception):
    """Raised for a second withdrawal: the first one stands, with its day and its person."""


@dataclass(frozen=True, slots=True)
class ConsentUses:
    """What rests on one consent, in every language: a row each, live or not.

    `pages` are the live pages of routes on which a story of it can be read.
    """

    stories: tuple[Story, ...]
    messages: tuple[MessagePage, ...]
    pages: tuple[RoutePage, ...]

    @property
    def live(self) -> tuple[Story | MessagePage, ...]:
        """Return what goes down with the consent."""
        rows: tuple[Story | MessagePage, ...] = (*self.stories, *self.messages)
        return tuple(row for row in rows if row.live)


def uses_of_consent(consent: StoryConsent) -> ConsentUses:
    """Find every story, message and page that rests on a consent, in every language."""
    told = _every_language(Story, Story.objects.filter(consent=consent))
    voices = [story.recording_id for story in told if story.recording_id]
    messages = _every_language(
        MessagePage, MessagePage.objects.filter(Q(stories__in=told) | Q(recording__in=voices))
    )
    live = [story for story in told if story.live]
    pages = RoutePage.objects.live().filter(
        Q(migration_route__story__in=live) | Q(migration_route__legs__story__in=live)
    )
    return ConsentUses(
        stories=told,
        messages=messages,
        pages=tuple(pages.distinct().select_related("locale").order_by("title", "path")),
    )


def withdraw(consent: StoryConsent, *, by: Any, now: datetime) -> tuple[Story | MessagePage, ...]:
    """Withdraw a consent for good and take down all that rests on it; return what was live.

    Raise AlreadyWithdrawn where it has been withdrawn before.
    """
    with transaction.atomic():
        standing = StoryConsent.objects.filter(pk=consent.pk, withdrawn_at=None)
        if not update_content(standing, withdrawn_at=now, withdrawn_by=by):
            raise AlreadyWithdrawn
        consent.refresh_from_db()
        uses = uses_of_consent(consent)
        record(consent, Act.WITHDRAWN, by=by, now=now, note=consent.reference)
        taken = uses.live
        for row in taken:
            record(row, Act.WITHDRAWN, by=by, now=now, note=consent.reference)
        # Her voice goes with her words, wherever else it might be chosen.
        voices = [story.recording_id for story in uses.stories if story.recording_id]
        update_content(Recording.objects.filter(pk__in=voices), voice_agreed=False)
        for waiting in (*uses.stories, *uses.messages):
            _take_down(waiting, by=by)
    return taken


def _every_language(model: Any, rows: Iterable[Any]) -> tuple[Any, ...]:
    keys = {row.translation_key for row in rows}
    found = model.objects.filter(translation_key__in=keys).select_related("locale")
    return tuple(found.order_by("key", "locale__language_code"))


def _take_down(row: Any, *, by: Any) -> None:
    # Whoever hears of a withdrawal acts on it, also where she could publish nothing herself.
    if isinstance(row, Page):
        UnpublishPageAction(row, user=by).execute(skip_permission_checks=True)
    else:
        UnpublishAction(row, user=by).execute(skip_permission_checks=True)
    # What waits for its day, or for a second reader, would bring it back.
    row.revisions.update(approved_go_live_at=None)
    if state := row.current_workflow_state:
        state.cancel(user=by)
