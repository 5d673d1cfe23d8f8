"""What a list shows of each thing that asks for an editor: words, languages, addresses, one tap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from cms.models import ContactPoint, MessagePage
from cms.upkeep.addresses import edit_address
from cms.upkeep.confirming import Dates, next_day_of_message, usual_for
from cms.upkeep.items import Item, Need, Reason, complete, first_ends
from cms.upkeep.words import HARMS, REASONS, Sign
from locales.languages import Language, get_language

# Without a day that belongs to them, these say all there is to say.
DAYLESS = frozenset({Reason.ENDED, Reason.WITHDRAWN, Reason.NEVER})
CONFIRMED_IN_LISTS = frozenset({Reason.STALE, Reason.DUE})


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of a thing, and where that text is edited."""

    language: Language
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    item: Item
    kind: str
    address: str
    tongues: tuple[Tongue, ...]
    new_day: date | None = None

    @property
    def sign(self) -> Sign:
        """Return why it asks, in words."""
        return REASONS[self.item.reason]

    @property
    def harm(self) -> Sign:
        """Return its class of harm, in words."""
        return HARMS[self.item.harm]

    @property
    def day(self) -> date | None:
        """Return the day that the reason is about."""
        return None if self.item.reason in DAYLESS else self.item.day

    @property
    def is_behind(self) -> bool:
        """Tell whether each of its languages is looked at by itself."""
        return self.item.need == Need.BEHIND

    @property
    def confirm_address(self) -> str:
        """Return where it is confirmed; empty where nothing is to be confirmed from a list."""
        return _act("upkeep_confirm", self.item) if self.new_day is not None else ""

    @property
    def test_address(self) -> str:
        """Return where a test of it is recorded; empty where it is no contact that needs one."""
        is_contact = self.item.model is ContactPoint and self.item.need == Need.DEAD
        return reverse("upkeep_test", args=[self.item.pk]) if is_contact else ""


def _act(name: str, item: Item) -> str:
    return reverse(name, args=[item.kind, item.pk])


def make_rows(items: Sequence[Item], *, today: date) -> list[Row]:
    """Return the lines of one list: three queries for any number of items."""
    found = complete(items)
    ends = first_ends(item for item in found if item.reason in CONFIRMED_IN_LISTS)
    return [_make_row(item, ends.get(item.pk), today) for item in found]


def _make_row(item: Item, end: date | None, today: date) -> Row:
    return Row(
        item=item,
        kind=str(item.model._meta.verbose_name),
        address=edit_address(item.model, item.pk),
        tongues=tuple(
            Tongue(get_language(one.language), edit_address(item.model, one.pk))
            for one in item.wordings
        ),
        new_day=_next_day(item, end, today) if item.reason in CONFIRMED_IN_LISTS else None,
    )


def _next_day(item: Item, end: date | None, today: date) -> date | None:
    if item.review_by is None or item.written is None:
        return None
    if item.model is MessagePage:
        ends = [] if end is None else [end]
        return next_day_of_message(item.review_by, ends, today=today)
    dates = Dates(
        review_by=item.review_by,
        written=timezone.localdate(item.written),
        expires=item.expires,
        usual=usual_for(item.model),
    )
    return dates.next_day(today=today)
