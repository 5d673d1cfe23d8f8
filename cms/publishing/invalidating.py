"""Which stored answers a change of content makes stale: exactly those that use what has changed.

Marked twice: in the change's own transaction, so that the change and the mark are seen together, and
once more after it, for what was being made from the older content (`cms.publishing.storing`).
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from kombu.exceptions import KombuError
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.signals import page_slug_changed, post_page_move

from cms.models import (
    Entry,
    Figure,
    HomePage,
    Leg,
    MessagePage,
    PlainPage,
    Recording,
    Route,
    RouteLanguage,
    RouteName,
    RoutePage,
    Source,
    StoryConsent,
)
from cms.models.changes import content_changes, current_bundle
from cms.publishing import storing
from cms.publishing.tokens import OF_PAGES, STANDING, Place, decides, places_of, tokens_of

PAGES: tuple[type[Model], ...] = (HomePage, RoutePage, MessagePage, PlainPage)
# What a change of these touches is named by their own tokens.
NAMED: dict[type[Model], str] = {
    Source: "source:{0.pk}",
    Recording: "recording:{0.pk}",
    get_image_model(): "image:{0.pk}",
    Route: "routes:{0.pk}",
    RouteName: "routes:{0.route_id}",
    RouteLanguage: "routes:{0.route_id}",
    Leg: "routes:{0.route_id}",
}
# After these everything may be another.
ROOTS: tuple[type[Model], ...] = (Locale, Site, PageViewRestriction)
# Saved alone, these columns change nothing that a reader sees.
UNSEEN = frozenset(
    {
        "latest_revision",
        "latest_revision_created_at",
        "has_unpublished_changes",
        "draft_title",
        "live_revision",
        "told_at",
        "locked",
        "locked_at",
        "locked_by",
        "go_live_at",
        "expire_at",
    }
)
# More rows than this in one statement, and all answers are marked: the cost stays the same.
MOST_ROWS = 500
RENDER = "cms.render_pages"
# The tables that say on which routes a row is; the others say what it rests on.
MOVING = frozenset({"routes", "legs"})
_moving: set[Any] = set()


# ---- Marking -----------------------------------------------------------------------------------


class _AfterCommit:
    """What one transaction has changed, told once more when it is committed."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.everything = False

    def __call__(self) -> None:
        # Together: what is begun with the new number meets no older answer that is not marked.
        with transaction.atomic():
            storing.count_up()
            self.mark()
        wake_the_maker()

    def mark(self, tokens: Iterable[str] = ()) -> None:
        if self.everything:
            storing.mark_all_stale()
        elif wanted := set(tokens) or self.tokens:
            storing.mark_stale(wanted)


def tell(tokens: Iterable[str] = (), *, everything: bool = False) -> None:
    """Mark what uses these now and after the commit, and have it made anew."""
    tokens = set(tokens)
    if not tokens and not everything:
        return
    if is_bundled():
        return
    after = _pending()
    new = tokens - after.tokens
    is_known = after.everything or (not everything and not new)
    after.tokens |= tokens
    after.everything |= everything
    if connection.in_atomic_block:
        if not is_known:
            after.mark(new)
    else:
        after()


def _pending() -> _AfterCommit:
    """Return what the innermost open savepoint will tell after the commit; it is lost with it."""
    here = set(connection.savepoint_ids)
    for waiting in reversed(connection.run_on_commit):
        savepoints, call = waiting[0], waiting[1]
        if isinstance(call, _AfterCommit) and savepoints == here:
            return call
    after = _AfterCommit()
    if connection.in_atomic_block:
        transaction.on_commit(after, robust=True)
    return after


def wake_the_maker() -> None:
    """Have stale answers made soon; where nobody hears it, the clock finds them."""
    with suppress(KombuError, OSError):
        current_app.send_task(RENDER, expires=60, ignore_result=True)


# ---- What has changed --------------------------------------------------------------------------


def note_before(sender: Any, instance: Any, raw: bool = False, **signal: Any) -> None:  # noqa: ARG001
    """Remember where a row stands before it is saved."""
    if is_bundled():
        return
    # Not by its state: what is read from a revision says that it is new.
    is_known = instance.pk is not None and not is_unseen(signal.get("update_fields"))
    instance._stood = _read(instance) if is_known else None


def note_saved(sender: Any, instance: Any, **signal: Any) -> None:  # noqa: ARG001
    """Tell what a saved row touches: in its old place and in its new one."""
    if not is_bundled() and not is_unseen(signal.get("update_fields")):
        row = specific_of(instance)
        places = places_of(type(row), [row])
        tell(tokens_of(getattr(instance, "_stood", None), places[row.pk]))


def note_deleted(sender: Any, instance: Any, **_signal: Any) -> None:  # noqa: ARG001
    """Tell what a row touches that is about to be deleted."""
    tell(tokens_of(_read(instance), None))


def is_bundled() -> bool:
    """Tell whether everything is told at the end anyhow; it is then not asked what has changed."""
    bundle = current_bundle()
    if bundle is not None:
        bundle.is_needed = True
    return bundle is not None


def is_unseen(fields: Iterable[str] | None) -> bool:
    """Tell whether saving only these columns changes nothing for readers."""
    return fields is not None and UNSEEN.issuperset(fields)


def specific_of(instance: Any) -> Any:
    """Return a page as what it is: Wagtail saves some as bare pages."""
    return instance.specific if type(instance) is Page else instance


def _read(instance: Any) -> Place | None:
    """Return where a row stands in the database."""
    model = type(specific_of(instance))
    rows = list(model._base_manager.filter(pk=instance.pk))
    return places_of(model, rows).get(instance.pk) if hasattr(model, "live") else None


def note_lists(
    sender: Any,
    instance: Any,
    action: str,
    *,
    reverse: bool = False,
    **signal: Any,
) -> None:
    """Tell what a row touches whose routes, sources or uses change, before and after."""
    if action in {"pre_add", "post_clear"} or is_bundled():
        return
    rows = [instance]
    if reverse:
        model, wanted = signal["model"], signal.get("pk_set")
        rows = list(model._base_manager.filter(pk__in=wanted or ()))
    for row in rows:
        note_listed(row, moves=sender in _moving)


def note_listed(row: Any, *, moves: bool = True) -> None:
    """Tell of a row and, where it moves, of its lists, as they stand in the database."""
    if isinstance(row, Route):
        tell({NAMED[Route].format(row)})
    elif isinstance(row, Entry | Page):
        place = _read(row)
        tell(tokens_of(place, None if moves else place))


def note_named(sender: type[Model], instance: Any, **_signal: Any) -> None:
    """Tell of a source, a recording, a picture, a route."""
    tell({NAMED[sender].format(instance)})


def note_figure(sender: Any, instance: Figure, **_signal: Any) -> None:  # noqa: ARG001
    """Tell of the pathway whose figure changes."""
    tell({f"text:{instance.pathway.translation_key}"})


def note_consent(sender: Any, instance: StoryConsent, **_signal: Any) -> None:  # noqa: ARG001
    """Tell of every story that rests on a consent, and of the lists it stands on."""
    for story in instance.stories.all():
        note_listed(story)


def note_root(sender: Any, **_signal: Any) -> None:  # noqa: ARG001
    """Tell that everything may be another."""
    tell(everything=True)


def note_update(
    sender: Any,
    rows: "QuerySet[Any] | None",
    values: dict[str, Any],
    **_signal: Any,
) -> None:
    """Tell of rows that one statement is about to change."""
    if rows is None:
        return tell(everything=True)
    found = list(rows.order_by("pk")[: MOST_ROWS + 1])
    if len(found) > MOST_ROWS:
        return tell(everything=True)
    if sender in NAMED:
        return tell({NAMED[sender].format(row) for row in found})
    if sender is StoryConsent:
        for row in found:
            note_consent(sender, row)
        return None
    deciding = (OF_PAGES if issubclass(sender, Page) else STANDING).intersection(values)
    places = places_of(sender, found)
    return tell(
        token
        for row in found
        for token in tokens_of(
            places[row.pk],
            None
            if any(decides(row, name) and getattr(row, name) != values[name] for name in deciding)
            else places[row.pk],
        )
    )


# ---- Listening ---------------------------------------------------------------------------------


def listen() -> None:
    """Hear every way in which content changes; called once, when Django is ready."""
    for model in (*Entry.__subclasses__(), *PAGES, Page):
        _connect(model, pre_save, note_before)
        _connect(model, post_save, note_saved)
        _connect(model, pre_delete, note_deleted)
    for model in (*Entry.__subclasses__(), *PAGES, Route):
        for field in model._meta.many_to_many:
            table: Any = field.remote_field.through
            m2m_changed.connect(note_lists, sender=table, dispatch_uid=f"cms.stored.{field}")
            if field.name in MOVING:
                _moving.add(table)
    heard: tuple[tuple[type[Model], Any], ...] = (
        *((model, note_named) for model in NAMED),
        *((model, note_root) for model in ROOTS),
        (Figure, note_figure),
        (StoryConsent, note_consent),
    )
    for model, note in heard:
        _connect(model, post_save, note)
        _connect(model, post_delete, note)
    for signal in (page_slug_changed, post_page_move):
        signal.connect(note_root, dispatch_uid="cms.stored.note_root")
    content_changes.connect(note_update, dispatch_uid="cms.stored.note_update")


def _connect(model: type[Model], signal: Any, note: Any) -> None:
    signal.connect(note, sender=model, dispatch_uid=f"cms.stored.{model.__name__}.{note.__name__}")
