"""Corrected: whether what was sent was put right since, in the message or in a translation alone."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from campaigns.editions import render_again
from campaigns.models import Broadcast, Edition
from cms.models import ChangeKind, MessagePage, TranslationState


@dataclass(frozen=True, slots=True)
class Fault:
    """Hold when what was said was changed last, and in which translations alone."""

    at: datetime | None
    languages: tuple[str, ...] = ()


def is_corrected(broadcast: Broadcast, *, since: datetime) -> bool:
    """Say whether its text has changed its meaning since then, or one of its languages was taken down."""
    changed_at = broadcast.message.changed_at
    if changed_at is not None and changed_at > since:
        return True
    if find_translated([(broadcast, since)]):
        return True
    still = render_again(broadcast)
    return any((one.channel, one.language) not in still for one in broadcast.editions.all())


def find_translated(launched: Collection[tuple[Broadcast, datetime]]) -> dict[int, Fault]:
    """Return those of which a translation alone was put right: what is live says something else."""
    keys = {one.message.translation_key for one, _at in launched}
    live = (
        MessagePage.objects.live()
        .filter(translation_key__in=keys, change_kind=ChangeKind.MAJOR)
        .exclude(translation_state=TranslationState.ORIGINAL)
    )
    pages = {
        (page.translation_key, page.locale.language_code): page
        for page in live.select_related("locale")
    }
    sent = Edition.objects.filter(broadcast__in=[one.pk for one, _at in launched])
    frozen: dict[int, list[Edition]] = defaultdict(list)
    for edition in sent:
        frozen[edition.broadcast_id].append(edition)
    faults = {}
    for one, at in launched:
        fresh = [
            (edition, page)
            for edition in frozen[one.pk]
            if (page := pages.get((one.message.translation_key, edition.language)))
            and page.live_revision_id != edition.revision
            and page.last_published_at > at
        ]
        if not fresh:
            continue
        # The same words may have been published anew.
        now_says = render_again(one)
        other = [
            (edition.language, page.last_published_at)
            for edition, page in fresh
            if now_says.get((edition.channel, edition.language)) != edition.text
        ]
        if other:
            languages = tuple(sorted({language for language, _moment in other}))
            faults[one.pk] = Fault(max(moment for _language, moment in other), languages)
    return faults
