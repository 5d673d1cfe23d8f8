"""What every editorial thing carries: where it stands, how sure it is, and in which translation."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Revision,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)

from cms.models.changes import tell_live, update_content
from cms.models.codes import CodesField
from cms.models.drafts import Drafted
from cms.models.lasting import is_renewed, last_day_of, share_last_day, shared_last_day
from cms.models.resting import wanted_by
from cms.models.reviews import Act, NotPublishable, missing_acts, read_at
from cms.models.translated import Translated, TranslationState, is_major_change, source_of
from cms.models.vocabularies import check_key


class Status(models.TextChoices):
    """Whether a person has checked this at its source."""

    DEMO = "demo", _("demonstration, not checked")
    CHECKED = "checked", _("checked")


class Confidence(models.TextChoices):
    """Who says so."""

    A = "A", _("A: stated by the publisher")
    B = "B", _("B: reported by others")
    C = "C", _("C: our own knowledge")


class Precision(models.TextChoices):
    """How exact a date is; a month or year is kept as its last day."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class ValueIs(models.TextChoices):
    """How a figure is meant."""

    EXACT = "exact", _("exactly")
    ABOUT = "about", _("about")
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")
    MORE_THAN = "more_than", _("more than")


class HarmClass(models.TextChoices):
    """What an error in it could do; the worst needs a second, protective pair of eyes."""

    LOW = "low", _("low: an error would be a nuisance")
    MEDIUM = "medium", _("medium: an error could cost money or time")
    HIGH = "high", _("high: an error could put somebody in danger")


class Sensitivity(models.TextChoices):
    """Whether a thing may reach a phone unasked."""

    PUSH_OK = "push_ok", _("may be sent unasked")
    ON_REQUEST = "on_request", _("only when asked for")


class Editorial(Drafted, Translated):
    """Where a thing stands on its way to being sent."""

    # Columns of Wagtail's drafts, which every kind of ours has.
    live: bool
    live_revision_id: int | None
    first_published_at: datetime | None
    last_published_at: datetime | None

    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DEMO)
    # Set by a finished review alone (cms.reviewing): no form and no file may set it.
    sendable = models.BooleanField(_("may be sent to real people"), default=False)
    confidence = models.CharField(
        _("confidence"), max_length=1, choices=Confidence, blank=True, default=""
    )
    harm_class = models.CharField(
        _("harm if it is wrong"),
        max_length=6,
        choices=HarmClass,
        default=HarmClass.MEDIUM,
        help_text=_("What is high is also read by a second reviewer, for protection."),
    )
    caution = models.TextField(
        _("caution"),
        blank=True,
        help_text=_("What must be checked before use. Readers do not see it."),
    )
    partner_safety = models.BooleanField(
        _("can endanger a partner"),
        default=False,
        help_text=_("The wording can endanger a local partner in some countries."),
    )
    # `expired` belongs to Wagtail's drafts: unpublished by the clock. This one says that it serves
    # nobody any more, by an editor's word or by its date; the sweep sets it.
    has_expired = models.BooleanField(
        _("expired"),
        default=False,
        help_text=_("Set on the day it expires. Readers do not see it, and it is never sent."),
    )
    take_down = models.BooleanField(
        _("take it down on the day it expires"),
        default=False,
        help_text=_("Otherwise it stays published, unseen and unsent, until somebody renews it."),
    )
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Facts about the live thing and not about one wording of it: an older draft never brings them back.
    standing_fields: tuple[str, ...] = (
        *Translated.standing_fields,
        "status",
        "sendable",
        "has_expired",
        "told_at",
    )

    class Meta:
        abstract = True

    @property
    def wanted_acts(self) -> tuple[Act, ...]:
        """Return the readings that this wording needs before it may go live."""
        if self.harm_class == HarmClass.HIGH:
            return (Act.FACTS_READ, Act.PROTECTION_READ)
        return (Act.FACTS_READ,)

    def wanted_for(self, revision: Revision) -> list[Act]:
        """Return the readings that a revision needs: neither it, nor its row or original lowers them."""
        source = source_of(self)
        return wanted_by(revision.as_object(), self, *([] if source is self else [source]))

    def check_publishable(self) -> None:
        """Raise NotPublishable when this wording itself may not go live; kinds add their own rules."""
        super().check_publishable()
        stands = type(self)._base_manager.filter(pk=self.pk).first()
        if stands is not None and stands.has_expired and not is_renewed(stands, last_day_of(self)):
            words = _("This has expired. Check it at its source and give it a new last day first.")
            raise NotPublishable(words)

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> Any:
        """Publish a revision; a person may publish only what others have read.

        Without a person (a loader, the clock) nothing is cleared for real people by it.
        """
        # What stands in the database counts, and not what a form has made of this object.
        stands = type(self)._base_manager.get(pk=self.pk)
        wording = revision.as_object()
        missing = missing_acts(stands, revision, stands.wanted_for(revision))
        if user is not None:
            # The readings decide, and not a right that nobody has.
            kwargs["skip_permission_checks"] = True
            wording.check_publishable()
            if missing:
                words = _("This cannot go live yet. Still to be done by somebody else: %(acts)s.")
                acts = ", ".join(str(act.label) for act in missing)
                raise NotPublishable(words % {"acts": acts})
        with transaction.atomic():
            # What is down now has been read and used as well: its correction is one.
            was_live = stands.live or stands.first_published_at is not None
            is_major = was_live and is_major_change(stands, revision)
            done = super().publish(revision, user=user, **kwargs)  # type: ignore[misc]
            row = type(self)._base_manager.get(pk=self.pk)
            # What waits for its day has changed nothing yet.
            if row.live and row.live_revision_id == revision.pk:
                fields = row._settled(is_major=is_major, is_read=not missing, by=user)
                # Who read it held it against what there was then, and not against what came later.
                fields["current_as_of"] = read_at(stands, revision) or row.last_published_at
                fields |= shared_last_day(row) | stands.chosen_day(revision)
                if is_renewed(stands, fields.get("expires", last_day_of(row))):
                    fields |= {"has_expired": False, "told_at": None}
                update_content(type(self)._base_manager.filter(pk=self.pk), **fields)
                share_last_day(stands, type(self)._base_manager.get(pk=self.pk))
                tell_live(row)
        return done

    def take_live(self, revision: Revision, *, by: Any) -> bool:
        """Publish what a finished review has read; a translation waits for its original.

        Tell whether it went live. Raise NotPublishable for what nobody has read.
        """
        if not revision.is_latest_revision():
            words = _("Somebody has saved a newer draft, which nobody has read. Submit that one.")
            raise NotPublishable(words)
        source = source_of(self)
        if source.pk != self.pk and not source.live:
            revision.as_object().check_publishable()
            return False
        self.publish(revision, user=by, skip_permission_checks=True)
        return True

    def _settled(self, *, is_major: bool, is_read: bool, by: Any) -> dict[str, Any]:
        """Return what is true of the thing as a whole now that this has gone live.

        A major change of an original leaves its translations and its uses behind. What others have
        read is cleared; what went live without that is not.
        """
        is_original = self.translation_state == TranslationState.ORIGINAL
        fields: dict[str, Any] = {"sendable": is_read}
        if is_read:
            fields["status"] = Status.CHECKED
        if is_original and is_major:
            fields["changed_at"] = self.last_published_at
        if not is_original and is_read:
            fields["translation_state"] = TranslationState.REVIEWED
        elif not is_original and by is not None:
            fields["translation_state"] = TranslationState.UNREVIEWED
        return fields


class Entry(
    Editorial,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    ClusterableModel,
):
    """One dated, sourced statement about a route, in one language."""

    key = models.CharField(
        _("key"),
        max_length=20,
        validators=[check_key],
        help_text=_("A stable name, the same in every language: CM-R1."),
    )
    routes = ParentalManyToManyField("cms.Route", blank=True, verbose_name=_("routes"))
    legs = ParentalManyToManyField(
        "cms.Leg",
        blank=True,
        verbose_name=_("legs"),
        help_text=_("Only where it holds for a part of a route, not for all of it."),
    )
    sources = ParentalManyToManyField("cms.Source", blank=True, verbose_name=_("sources"))
    statement = models.TextField(_("statement"))
    countries = CodesField(_("countries"))
    true_as_of = models.DateField(
        _("true as of"), null=True, blank=True, help_text=_("Empty where the source has no date.")
    )
    as_of_precision = models.CharField(
        _("exact to the"), max_length=5, choices=Precision, blank=True, default=""
    )
    review_by = models.DateField(_("review by"), help_text=_("The day on which it goes stale."))
    expires = models.DateField(
        _("expires"), null=True, blank=True, help_text=_("The first day on which it serves nobody.")
    )
    sensitive_in = CodesField(
        _("sensitive in"), help_text=_("Countries where the wording can endanger a partner.")
    )
    fix_first = models.BooleanField(_("mend before all others"), default=False)

    lasting_field = "review_by"

    class Meta:
        abstract = True
        ordering = ["key"]
        unique_together = [("translation_key", "locale"), ("key", "locale")]

    def __str__(self) -> str:
        return f"{self.key}: {self.statement[:80]}"


class Figured(models.Model):
    """A statement that may carry a figure."""

    value = models.DecimalField(_("figure"), max_digits=16, decimal_places=3, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    value_is = models.CharField(
        _("the figure is"), max_length=10, choices=ValueIs, blank=True, default=""
    )

    class Meta:
        abstract = True
