"""What goes by its age alone: texts, sign-ups, notices, sheets, counters, stops whose time is over."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from messaging.consenting import aliases, leaving, windows
from messaging.models import (
    Alias,
    Allowance,
    Delivery,
    InboundMessage,
    Notice,
    SheetRow,
    SignUp,
    Subscriber,
    Suppression,
    TestPhone,
)
from messaging.states import State
from messaging.upkeep.time_limits import NONE, Rule, fixed, from_settings

# Counted over weeks: how many stops are usual, how often one address was written to, and which records
# of a helper's phone have come already.
_LONG_COUNTED = ("stops", "address", "assisted")
_LONG = timedelta(days=33)
# After that the provider is not asked any more what became of it (`messaging.receiving.reconcile`).
_KNOWABLE = timedelta(hours=72)


def find_left(before: datetime) -> QuerySet[Subscriber]:
    """Return those who stopped or lapsed, but for whom the provider may still be asked about."""
    unsettled = Q(state__in=[State.CLAIMED, State.SUBMITTING]) | Q(
        state=State.UNKNOWN, submitting_at__gt=before - _KNOWABLE
    )
    in_flight = Delivery.objects.filter(unsettled, subscriber_id=OuterRef("pk"))
    stopped = Subscriber.objects.filter(state=Subscriber.State.STOPPED)
    return stopped.filter(~Exists(in_flight))


def _erase(ids: Sequence[int], _now: datetime) -> int:
    # Whoever came back since is locked by her confirmation, and is not stopped any more.
    locked = Subscriber.objects.select_for_update().order_by("pk")
    stopped = locked.filter(pk__in=ids, state=Subscriber.State.STOPPED)
    return leaving.erase_rows(list(stopped.values_list("pk", flat=True)))


def _find_sign_ups(before: datetime) -> QuerySet[SignUp]:
    return SignUp.objects.filter(expires_at__lte=before)


def _find_notices(before: datetime) -> QuerySet[Notice]:
    # Too late to send, and nobody came to settle it: a closed house keeps no number either.
    unsent = Q(settled_at__isnull=True, expires_at__lt=before)
    return Notice.objects.filter(Q(settled_at__lt=before) | unsent)


def _find_texts(before: datetime) -> QuerySet[InboundMessage]:
    return InboundMessage.objects.filter(received_at__lt=before).exclude(text_sealed=b"")


def _empty_texts(ids: Sequence[int], _now: datetime) -> int:
    # The row stays: a replay of it must be known for ever.
    rows = InboundMessage.objects.filter(pk__in=ids)
    return rows.update(text_sealed=b"", subscriber=None)


def _find_lines(before: datetime) -> QuerySet[SheetRow]:
    return SheetRow.objects.filter(sheet__expires_at__lte=before)


def _find_allowances(before: datetime) -> QuerySet[Allowance]:
    day = before.astimezone(UTC).date()
    long_ago = (before - _LONG).astimezone(UTC).date()
    counted_long = Q(scope__in=_LONG_COUNTED)
    return Allowance.objects.filter(
        ~counted_long & Q(day__lt=day) | counted_long & Q(day__lt=long_ago)
    )


def _find_suppressions(before: datetime) -> QuerySet[Suppression]:
    return Suppression.objects.filter(expires_at__lte=before)


def _find_test_phones(before: datetime) -> QuerySet[TestPhone]:
    # Half a year without a test; one whose code never came back goes as late as that.
    unused = Q(tested_at__isnull=True, made_at__lte=before)
    return TestPhone.objects.filter(Q(tested_at__lte=before) | unused)


def _find_aliases(_before: datetime) -> QuerySet[Alias]:
    return aliases.find_unused()


def _deleter(model: type[Model]) -> Callable[[Sequence[int], datetime], int]:
    def delete(ids: Sequence[int], _now: datetime) -> int:
        return model._default_manager.filter(pk__in=ids).delete()[0]

    return delete


RULES = (
    Rule(
        "left",
        _("People who left, or whose consent lapsed: the row, the number, the topics"),
        fixed(NONE),
        find_left,
        _erase,
    ),
    Rule(
        "sign_ups",
        _("Sign-ups that nobody confirmed within two days"),
        fixed(NONE),
        _find_sign_ups,
        _deleter(SignUp),
    ),
    Rule(
        "notices",
        _("Service messages that are settled; their number and text went at once"),
        fixed(timedelta(days=7)),
        _find_notices,
        _deleter(Notice),
    ),
    Rule(
        "inbound_texts",
        _("What people wrote: the text, and whose it was"),
        from_settings("inbound_texts"),
        _find_texts,
        _empty_texts,
    ),
    Rule("sheets", _("Lines of partners' sheets"), fixed(NONE), _find_lines, _deleter(SheetRow)),
    Rule(
        "test_phones",
        _("Phones for tests that were used for nothing in half a year"),
        fixed(timedelta(days=180)),
        _find_test_phones,
        _deleter(TestPhone),
    ),
    Rule(
        "allowances",
        _("Counters of limits"),
        fixed(timedelta(days=2)),
        _find_allowances,
        _deleter(Allowance),
    ),
    Rule(
        "windows",
        _("When people last wrote on WhatsApp, once its day for free text is over"),
        fixed(NONE),
        windows.find_over,
        windows.close,
    ),
    Rule(
        "suppressions",
        _("Entries of the stop list whose time is over"),
        fixed(NONE),
        _find_suppressions,
        _deleter(Suppression),
    ),
    Rule(
        "aliases",
        _("User ids of people of whom nothing else is kept"),
        fixed(NONE),
        _find_aliases,
        _deleter(Alias),
    ),
)
