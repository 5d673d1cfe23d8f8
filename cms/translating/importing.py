"""Saving what a dry run showed: drafts, all of them or none. Nothing goes live, nothing counts as read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Locale

from cms.translating.adopting import MANUAL, adopt, remember
from cms.translating.planning import Change, Plan, plan_import
from cms.translating.po import Sheet, Unreadable
from cms.translating.scopes import Pair, Scope, pair_up


class Moved(Exception):
    """Raised where a file would no longer do what was shown; holds what it would do now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("What stands has changed since the dry run.")
        self.plan = plan


def save_import(sheet: Sheet, scope: Scope, *, language: str, user: Any, seen: str) -> Plan:
    """Save every change as this person's draft; `seen` is the digest of the dry run that she saw.

    Raise Moved where something has changed since, and Unreadable where a thing cannot take its text;
    nothing is saved then.
    """
    with transaction.atomic():
        _hold(scope, language)
        plan = plan_import(sheet, scope, language=language, user=user)
        if plan.digest != seen or not plan.may_be_saved:
            raise Moved(plan)
        locale = Locale.objects.get(language_code=language)
        changes: dict[str, list[Change]] = {}
        for change in plan.changes:
            changes.setdefault(change.thing, []).append(change)
        for pair in pair_up(scope.originals, language=language):
            if wanted := changes.get(str(pair.name)):
                _save(pair, wanted, locale=locale, user=user)
    return plan


def _hold(scope: Scope, language: str) -> None:
    """Let nobody change the rows between the last look at them and the saving."""
    for pair in pair_up(scope.originals, language=language):
        if pair.row is not None:
            type(pair.row)._base_manager.select_for_update(of=("self",)).get(pk=pair.row.pk)


def _save(pair: Pair, changes: list[Change], *, locale: Locale, user: Any) -> None:
    texts = {change.entry.place.rpartition(":")[2]: change.entry.words for change in changes}
    translation = adopt(pair.original, locale, row=pair.row)
    remember(translation, texts, kind=MANUAL, user=user)
    try:
        translation.save_target(user=user)
    except ValidationError as error:
        told = {"thing": pair.name, "reason": " ".join(error.messages)}
        raise Unreadable(_("%(thing)s cannot take these texts: %(reason)s") % told) from error
