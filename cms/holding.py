"""What keeps a message from going out today: the models read for the rules of `cms.freshness`."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery

from cms.freshness import (
    Age,
    Hold,
    Subject,
    Text,
    Use,
    age_of,
    end_of,
    judge,
    judge_use,
    lift,
)
from cms.models import (
    Claim,
    ConsentScope,
    ContactPoint,
    Entry,
    Fact,
    MessagePage,
    Pathway,
    Story,
    TestResult,
    Translated,
    source_of,
)
from cms.standing import flagged, outdated
from cms.uses import USES


def hold_reasons(message: MessagePage, *, today: date, rehearsal: bool) -> list[Hold]:
    """Return every reason why this message, in its language, may not go out today."""
    return judge(read_subject(message), today=today, rehearsal=rehearsal)


def may_be_given(contact_point: ContactPoint, *, today: date, rehearsal: bool) -> bool:
    """Say whether this contact point may be told today to somebody who asks: the rule of pushing."""
    use = read_use("contact_point", contact_point)
    return not lift(judge_use(use, today=today), rehearsal=rehearsal)


def valid_until(message: MessagePage) -> date | None:
    """Return the first day on which the message may no longer go out."""
    return end_of(read_subject(message))


def age_of_entry(entry: Entry, *, today: date) -> Age:
    """Tell how old a fact, pathway, claim, contact point, story or alert is."""
    return age_of(
        entry.review_by, today=today, expires=entry.expires, has_expired=entry.has_expired
    )


def is_outdated(row: Translated) -> bool:
    """Tell whether its original has had a major change since this translation was right."""
    return read_text(row).is_outdated


def is_behind(row: Translated) -> bool:
    """Tell whether its original, or a thing it uses, has had a major change since this was right."""
    text = read_text(row)
    return text.is_outdated or text.rests_on_changed


def behind_languages(message: MessagePage) -> set[str]:
    """Return the languages in which the message is older than what it was made from or rests on."""
    siblings = MessagePage.objects.filter(translation_key=message.translation_key)
    behind = siblings.filter(
        Q(pk__in=outdated(MessagePage).values("pk")) | Q(pk__in=flagged(MessagePage).values("pk"))
    )
    return set(behind.values_list("locale__language_code", flat=True))


def read_text(row: Any) -> Text:
    """Read one language of a thing with what it has to keep up with."""
    source = source_of(row)
    return Text(
        state=row.translation_state,
        live=row.live,
        current_as_of=row.current_as_of,
        source_changed_at=source.changed_at if source.pk != row.pk else None,
        use_changed_at=_last_change_of_uses(source),
    )


def _last_change_of_uses(source: Any) -> datetime | None:
    model = type(source)
    paths = USES.get(model, ())
    if not paths or source.pk is None:
        return None
    found = model.objects.filter(pk=source.pk).order_by()
    # One value for each path: joined together they would multiply each other's rows.
    latest = found.values_list(*(_last_change(model, path) for path in paths)).first() or ()
    return max((moment for moment in latest if moment), default=None)


def find_last_changes(sources: Collection[int]) -> dict[int, datetime]:
    """Return when some original messages, or what they rest on, last had a major change, by their ids."""
    uses = (_last_change(MessagePage, path) for path in USES[MessagePage])
    rows = MessagePage.objects.filter(pk__in=sources).order_by()
    found = {
        pk: [moment for moment in moments if moment]
        for pk, *moments in rows.values_list("pk", "changed_at", *uses)
    }
    return {pk: max(moments) for pk, moments in found.items() if moments}


def _last_change(model: Any, path: str) -> Subquery:
    rows = model.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
    return Subquery(rows.annotate(last=Max(f"{path}__changed_at")).values("last"))


def read_subject(message: MessagePage) -> Subject:
    """Read a message with all that it rests on, also through its claims and pathways."""
    source = message.source
    # A translation's own copies of flags and dates could lag behind: its source is what counts.
    return Subject(
        key=source.key,
        live=message.live and source.live,
        sendable=message.sendable and source.sendable,
        expires=min(message.expires, source.expires),
        text=read_text(message),
        has_expired=message.has_expired or source.has_expired,
        uses=tuple(_read_uses(source)),
    )


def _read_uses(source: MessagePage) -> Iterator[Use]:
    claims = Claim.objects.filter(messages=source)
    pathways = Pathway.objects.filter(Q(messages=source) | Q(claims__in=claims))
    stories = Story.objects.filter(messages=source).select_related("consent")
    reached = Q(messages=source) | Q(claims__in=claims) | Q(pathways__in=pathways)
    told = Q(stories__in=stories)
    for kind, entries in (
        ("claim", claims),
        ("pathway", pathways),
        ("fact", Fact.objects.filter(reached | told)),
        ("contact_point", ContactPoint.objects.filter(reached)),
        ("story", stories),
    ):
        for entry in entries.distinct().order_by("key"):
            yield read_use(kind, entry)


def read_use(kind: str, entry: Entry) -> Use:
    """Read one thing that a message rests on."""
    use = Use(
        kind,
        entry.key,
        entry.live,
        entry.sendable,
        entry.review_by,
        expires=entry.expires,
        has_expired=entry.has_expired,
    )
    if isinstance(entry, ContactPoint):
        reached = entry.result == TestResult.REACHED
        return replace(use, reached_on=entry.last_tested_on if reached else None)
    if isinstance(entry, Pathway):
        return replace(use, missing=entry.missing)
    if isinstance(entry, Story):
        return replace(use, consent_holds=entry.consent.covers(ConsentScope.MESSAGES))
    return use
