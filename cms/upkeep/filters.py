"""The filters of the reports. Two of them narrow lists of every kind, which no queryset of one does."""

from typing import Any

import django_filters
from django.contrib.auth.models import User
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.models import Locale

from cms.freshness import Standing
from cms.models import Act, HarmClass, Review, Route
from cms.upkeep.items import KINDS, Need, Scope
from cms.upkeep.standings import SHOWN, Wanted
from cms.upkeep.words import NEEDS, STANDINGS
from locales.languages import get_language


def choose_kind(models: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return kinds by the name of their model, as choices."""
    return [(name, capfirst(model._meta.verbose_name_plural)) for name, model in models.items()]


def choose_route() -> list[tuple[str, str]]:
    """Return the routes as choices."""
    return list(Route.objects.values_list("code", "name"))


def choose_language() -> list[tuple[str, str]]:
    """Return the languages of the site by their own names, as choices."""
    codes = Locale.objects.order_by("pk").values_list("language_code", flat=True)
    return [(code, get_language(code).endonym) for code in codes]


class _AskedFilterSet(WagtailFilterSet):
    """Filters whose answers the view reads itself, as `asked`."""

    route = django_filters.ChoiceFilter(label=_("Route"), choices=choose_route)
    harm = django_filters.ChoiceFilter(label=_("Harm"), choices=HarmClass.choices)

    class Meta:
        model = Review  # the form needs one; no query is made of it
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave the rows to the view."""
        return queryset

    @property
    def asked(self) -> dict[str, Any]:
        """Return what was asked for, empty words for nothing."""
        return self.form.cleaned_data if self.is_valid() else {}

    def make_scope(self) -> Scope:
        """Return what a list is to be narrowed to."""
        asked = self.asked
        language = asked.get("language")
        return Scope(
            kind=asked.get("kind") or "",
            route=asked.get("route") or "",
            harm=asked.get("harm") or "",
            languages=(language,) if language else (),
        )


class DueFilterSet(_AskedFilterSet):
    """What of the whole list of needs is asked for."""

    need = django_filters.ChoiceFilter(
        label=_("What it needs"),
        choices=[(need.value, heading.title) for need, heading in NEEDS.items()],
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=choose_kind(KINDS))
    language = django_filters.ChoiceFilter(
        label=_("Language of texts that are behind"), choices=choose_language
    )

    @property
    def need_asked(self) -> Need | None:
        """Return the one need that is asked for, if any."""
        need = self.asked.get("need")
        return Need(need) if need else None


class MatrixFilterSet(_AskedFilterSet):
    """What of the matrix is asked for."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=choose_kind(SHOWN))
    standing = django_filters.ChoiceFilter(
        label=_("Where a language stands so"),
        choices=[(standing.value, capfirst(sign.word)) for standing, sign in STANDINGS.items()],
    )
    language = django_filters.ChoiceFilter(label=_("In this language"), choices=choose_language)

    @property
    def wanted(self) -> Wanted:
        """Return what the matrix is to be narrowed to."""
        standing: Standing | str = self.asked.get("standing") or ""
        return Wanted(self.make_scope(), standing)


class ActsFilterSet(WagtailFilterSet):
    """Which acts of the ledger are asked for."""

    act = django_filters.ChoiceFilter(label=_("Act"), choices=Act.choices)
    key = django_filters.CharFilter(label=_("Key"), lookup_expr="icontains")
    language = django_filters.ChoiceFilter(label=_("Language"), choices=choose_language)
    by = django_filters.ModelChoiceFilter(
        label=_("By"),
        queryset=lambda _request: User.objects.filter(
            pk__in=Review.objects.order_by().values("by")
        ).order_by("username"),
    )
    at = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)

    class Meta:
        model = Review
        fields: list[str] = []
