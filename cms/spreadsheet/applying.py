"""Write what a dry run showed: drafts, all of them or none. Publishes nothing."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.coreutils import find_available_slug
from wagtail.models import Locale, Page

from cms.models import HomePage, TranslationState
from cms.spreadsheet.cells import Codes, Links
from cms.spreadsheet.columns import KINDS, MESSAGES
from cms.spreadsheet.standing import Linked, find_linked, read_linked
from cms.spreadsheet.trial import Trial, Upload, primary_keys, try_out
from cms.spreadsheet.values import Finding, Problem
from cms.translating.saving import FRESH

# A new translation starts where a new thing does, whatever has become of its original.
_FRESH = (*FRESH, "has_unpublished_changes")


class Moved(Exception):
    """Raised where the upload would no longer do what was shown; holds what it would do now."""

    def __init__(self, trial: Trial) -> None:
        super().__init__("What stands has changed since the dry run.")
        self.trial = trial


class Unwritable(Exception):
    """Raised for a row that the database refuses; nothing of the upload is kept."""

    def __init__(self, problem: Problem) -> None:
        super().__init__("A row cannot be written.")
        self.problem = problem


def apply_upload(upload: Upload, *, person: Any, seen: str, now: datetime) -> int:
    """Write every new and changed row as this person's draft; return how many.

    `seen` is the digest of the dry run that she saw. Raises Moved or Unwritable, having written
    nothing.
    """
    with transaction.atomic():
        trial = try_out(upload, person)
        _hold(trial)
        # Once more: what was changed until now is seen, and nothing can be changed from now on.
        trial = try_out(upload, person)
        if trial.digest != seen or not trial.may_apply or read_linked() != upload.linked:
            raise Moved(trial)
        # Messages after what they point at; translations after their originals.
        order = list(KINDS)
        ordered = sorted(
            trial.to_write, key=lambda f: (order.index(f.row.header.kind), not f.is_original)
        )
        writer = _Writer(person, upload.linked, now)
        for finding in ordered:
            writer.write(finding)
    return len(ordered)


def _hold(trial: Trial) -> None:
    """Lock every row that is to change, and the homes that new pages come under."""
    for kind in KINDS.values():
        base = Page if kind is MESSAGES else kind.model
        pks = primary_keys(trial.to_write, kind.name)
        list(base.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))
    if any(f.pk is None and f.row.header.kind == MESSAGES.name for f in trial.to_write):
        homes = list(HomePage.objects.values_list("pk", flat=True))
        list(Page.objects.select_for_update().filter(pk__in=homes).order_by("pk").values_list("pk"))


class _Writer:
    """Write one row after the other for one person."""

    def __init__(self, person: Any, linked: Linked, now: datetime) -> None:
        self._person, self._linked, self._now = person, linked, now
        self._locales = {locale.language_code: locale for locale in Locale.objects.all()}

    def write(self, finding: Finding) -> None:
        """Make a new draft of a row, or say which row the database refuses."""
        try:
            with transaction.atomic():
                if finding.pk is not None:
                    self._edit(finding)
                elif finding.is_original:
                    self._begin(finding)
                else:
                    self._translate(finding)
        except ValidationError as error:
            raise Unwritable(finding.row.problem(" ".join(error.messages))) from error
        except IntegrityError as error:
            text = _("Somebody has just added the same. Download it again.")
            raise Unwritable(finding.row.problem(text)) from error

    def _edit(self, finding: Finding) -> None:
        kind = KINDS[finding.row.header.kind]
        draft = kind.model.objects.get(pk=finding.pk).get_latest_revision_as_object()
        self._fill(draft, finding)
        draft.save_revision(user=self._person, log_action=True, clean=False)

    def _begin(self, finding: Finding) -> None:
        kind, row = KINDS[finding.row.header.kind], finding.row
        draft = kind.model(key=row.key, locale=self._locales[row.language], live=False)
        self._fill(draft, finding)
        if kind is not MESSAGES:
            draft.save()
            draft.save_revision(user=self._person, log_action="wagtail.create", clean=False)
            return
        home = HomePage.objects.get(locale=draft.locale)
        draft.owner = self._person
        draft.slug = find_available_slug(home, slugify(row.key))
        home.add_child(instance=draft)
        if draft.key != row.key:
            raise IntegrityError("the key is taken")
        draft.save_revision(user=self._person, clean=False)

    def _translate(self, finding: Finding) -> None:
        kind, row = KINDS[finding.row.header.kind], finding.row
        original = kind.model.objects.get(key=row.key, translation_state=TranslationState.ORIGINAL)
        draft = original.copy_for_translation(self._locales[row.language])
        for field in kind.model._meta.fields:
            if field.name in _FRESH:
                setattr(draft, field.name, field.get_default())
        draft.live = False
        draft.translation_state = TranslationState.UNREVIEWED
        draft.current_as_of = self._now
        # What a translation lacks stays empty: readers then see the original, marked as such.
        for column in kind.columns:
            if column.translated:
                setattr(draft, column.name, "")
        self._fill(draft, finding)
        draft.save()
        draft.save_revision(user=self._person, log_action="wagtail.create", clean=False)

    def _fill(self, draft: Any, finding: Finding) -> None:
        kind = KINDS[finding.row.header.kind]
        columns = {column.name: column for column in kind.columns}
        for difference in finding.differences:
            form, value = columns[difference.column].form, difference.new
            if isinstance(form, Links):
                pks = [self._linked[form.to][key] for key in value]
                value = find_linked(form.to, pks)
            elif isinstance(form, Codes):
                value = list(value)
            setattr(draft, difference.column, value)
        draft.change_kind = finding.row.change_kind
        if kind is MESSAGES and any(columns[d.column].translated for d in finding.differences):
            draft.plain_language = False  # nobody has read these words aloud yet
