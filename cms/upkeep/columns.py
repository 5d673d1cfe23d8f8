"""Columns of the lists of entries: how old, how harmful, how far checked, with acts of one tap."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.models import WorkflowState
from wagtail.snippets.views.snippets import IndexView

from cms.freshness import Age, reach_of, stand
from cms.models import ContactPoint, HarmClass, TranslationState
from cms.standing import flagged, outdated
from cms.upkeep.acts import may_test
from cms.upkeep.confirming import next_day_of_entry
from cms.upkeep.heading import read_age
from cms.upkeep.words import AGES, HARMS, REACHES, STANDINGS, Sign

LIVE = Sign("good", _("live"))
LIVE_WITH_DRAFT = Sign("look", _("live, with a newer draft"))
DRAFT = Sign("none", _("draft"))
IN_REVIEW = Sign("work", _("in review"))
SHORT = {
    HarmClass.HIGH: pgettext_lazy("harm", "high"),
    HarmClass.MEDIUM: pgettext_lazy("harm", "medium"),
    HarmClass.LOW: pgettext_lazy("harm", "low"),
}
ReadSign = Callable[[Any], Sign]


class SignColumn(BaseColumn):
    """A column of small signs: a colour and its word, with a date where one belongs to it."""

    cell_template_name = "cms/admin/sign_cell.html"

    def __init__(self, name: str, read: ReadSign, day: str = "", **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.read, self.day = read, day

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Add the sign to what the template sees."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        day = getattr(instance, self.day) if self.day else None
        return {**context, "sign": self.read(instance), "day": day}


class ActsColumn(BaseColumn):
    """A column of acts of one tap: “reviewed, still correct”, and tests of a contact point."""

    cell_template_name = "cms/admin/acts_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Add what can be done with a row; the list has marked it before."""
        request = parent_context["request"]
        return {
            **super().get_cell_context_data(instance, parent_context),
            "csrf_token": get_token(request),
            "here": request.get_full_path(),
            "confirm": instance.confirm_address,
            "new_day": instance.new_day,
            "test": instance.test_address,
        }


def standing_columns(*first: Any) -> list[Any]:
    """Return the first columns of a list: key, the kind's own, then where each row stands."""
    return [
        "key",
        *first,
        Column("locale", label=_("Language"), sort_key="locale"),
        SignColumn(
            "review_by", _sign_of_age, "review_by", label=_("Freshness"), sort_key="review_by"
        ),
        SignColumn("harm_class", _sign_of_harm, label=_("Harm"), sort_key="harm_class"),
        SignColumn("standing", _sign_of_standing, label=_("Text")),
        SignColumn("live", _sign_of_publishing, label=_("Status")),
    ]


def _sign_of_age(row: Any) -> Sign:
    age, _day = read_age(row, today=timezone.localdate())
    return AGES[age or Age.FRESH]


def _sign_of_harm(row: Any) -> Sign:
    # The heading of the column says what is high.
    return replace(HARMS[harm := HarmClass(row.harm_class)], word=SHORT[harm])


def _sign_of_standing(row: Any) -> Sign:
    return STANDINGS[row.standing]


def _sign_of_publishing(row: Any) -> Sign:
    if row.in_review:
        return IN_REVIEW
    if not row.live:
        return DRAFT
    return LIVE_WITH_DRAFT if row.has_unpublished_changes else LIVE


def sign_of_reach(row: ContactPoint) -> Sign:
    """Return what the last test of a contact point is worth today, in words."""
    today = timezone.localdate()
    return REACHES[reach_of(row.result, last_tested_on=row.last_tested_on, today=today)]


class StandingList(IndexView):
    """A list whose rows know how they stand: three queries for a page of them."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Read the language with each row."""
        rows: QuerySet[Any] = super().get_base_queryset()
        return rows.select_related("locale")

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        """Offer what our own hooks offer; those of wagtail-localize ask the database for each row."""
        buttons: list[Any] = super().get_list_more_buttons(instance)
        for offer in hooks.get_hooks("register_snippet_listing_buttons"):
            if not offer.__module__.startswith("wagtail_localize"):
                buttons.extend(offer(instance, self.request.user, self.request.path))
        return buttons

    def get_list_buttons(self, instance: Any) -> list[Any]:
        """Draw the buttons without asking the hooks a second time."""
        buttons: list[Any] = super(IndexView, self).get_list_buttons(instance)
        return buttons

    def get_table(self, object_list: Any) -> Any:
        """Mark the rows of one page before they are drawn."""
        if not self.is_export:
            can_test = self.model is ContactPoint and may_test(self.request.user)
            mark_rows(self.model, object_list, can_test=can_test, today=timezone.localdate())
        return super().get_table(object_list)


def mark_rows(model: Any, rows: Iterable[Any], *, can_test: bool, today: date) -> None:
    """Set on each row how it stands and which acts of one tap make sense for it."""
    shown = list(rows)
    pks = [row.pk for row in shown]
    late = set(outdated(model).filter(pk__in=pks).values_list("pk", flat=True))
    changed = set(flagged(model).filter(pk__in=pks).values_list("pk", flat=True))
    in_review = _find_in_review(model, pks)
    for row in shown:
        row.in_review = str(row.pk) in in_review
        row.standing = stand(
            row.translation_state,
            live=row.live,
            is_outdated=row.pk in late,
            rests_on_changed=row.pk in changed,
        )
        is_original = row.translation_state == TranslationState.ORIGINAL
        row.new_day = next_day_of_entry(row, today=today) if is_original else None
        asks = row.live and (row.new_day is not None or row.pk in late | changed)
        kind = model._meta.model_name
        row.confirm_address = reverse("upkeep_confirm", args=[kind, row.pk]) if asks else ""
        row.test_address = reverse("upkeep_test", args=[row.pk]) if can_test and is_original else ""


def _find_in_review(model: Any, pks: Iterable[int]) -> set[str]:
    kind = ContentType.objects.get_for_model(model)
    states = WorkflowState.objects.active().filter(
        base_content_type=kind, object_id__in=[str(pk) for pk in pks]
    )
    return set(states.values_list("object_id", flat=True))
