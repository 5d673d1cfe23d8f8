"""Three reports: what is due, the languages of everything, and who did what. They only read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.models import Locale

from cms.models import Act, Review, TestResult
from cms.rights import languages_of
from cms.upkeep.filters import ActsFilterSet, DueFilterSet, MatrixFilterSet
from cms.upkeep.items import Item, list_behind, list_overdue
from cms.upkeep.rows import make_rows
from cms.upkeep.standings import Line, count_ready, list_lines, read_lines
from cms.upkeep.words import HARMS, REASONS, STANDINGS
from locales.languages import Language, get_language

# What a spreadsheet program would take for a formula, and run.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Value = Callable[[Any], Any]


def disarm(value: Any) -> Any:
    """Return a value that no spreadsheet program runs as a formula."""
    text = force_str(value, strings_only=True)
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text


class ExportedReport(ReportView):
    """A report with files of its own making: a column is a heading and how to read its value."""

    is_export = False

    @cached_property
    def export_columns(self) -> Mapping[str, tuple[Any, Value]]:
        """Return the columns of the file by name."""
        raise NotImplementedError

    @property
    def list_export(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.export_columns)

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        """Return one line of the file."""
        return {name: read(item) for name, (_heading, read) in self.export_columns.items()}

    def get_heading(self, queryset: Any, field: str) -> str:  # noqa: ARG002 - Wagtail's signature
        """Return the heading of one column."""
        return force_str(self.export_columns[field][0])

    def write_csv_row(self, writer: Any, row_dict: Mapping[str, Any]) -> Any:
        """Write one line in which nothing is a formula."""
        return writer.writerow({name: disarm(value) for name, value in row_dict.items()})


class DueReport(ExportedReport):
    """Everything that is late, due, out of reach or behind, with the same acts as the first page."""

    page_title = _("What is due")
    header_icon = "time"
    index_url_name = "upkeep_due"
    index_results_url_name = "upkeep_due_results"
    results_template_name = "cms/admin/due_results.html"
    filterset_class = DueFilterSet
    export_filename = "due"
    export_columns = {
        "why": (_("Why"), lambda item: REASONS[item.reason].word),
        "day": (_("Date"), lambda item: item.day),
        "harm": (_("Harm"), lambda item: HARMS[item.harm].word),
        "kind": (_("Kind"), lambda item: item.model._meta.verbose_name),
        "key": (_("Key"), lambda item: item.key),
        "title": (_("Title"), lambda item: item.title),
        "languages": (
            _("Languages"),
            lambda item: " ".join(wording.language for wording in item.wordings),
        ),
    }

    def get_queryset(self) -> list[Item]:
        """Return the items that are asked for."""
        filters: Any = self.filters
        scope, need = filters.make_scope(), filters.need_asked
        items = [*list_overdue(today=timezone.localdate(), scope=scope), *list_behind(scope=scope)]
        return [item for item in items if need in {None, item.need}]

    def decorate_paginated_queryset(self, object_list: Sequence[Item]) -> Sequence[Any]:
        """Read what one page of the list shows, or all that a file holds."""
        rows = make_rows(list(object_list), today=timezone.localdate())
        return [row.item for row in rows] if self.is_export else rows

    def get_table(self, object_list: Any) -> Any:  # noqa: ARG002 - Wagtail's signature
        """Give Wagtail a table that it does not draw: the template draws the lines."""
        return super().get_table([])


class MatrixReport(ExportedReport):
    """Every text and every language of the site, at a glance."""

    page_title = _("Languages")
    header_icon = "wagtail-localize-language"
    index_url_name = "upkeep_matrix"
    index_results_url_name = "upkeep_matrix_results"
    results_template_name = "cms/admin/matrix_results.html"
    filterset_class = MatrixFilterSet
    export_filename = "languages"

    @cached_property
    def languages(self) -> list[Language]:
        """Return the languages of the site in the order in which they came."""
        codes = Locale.objects.order_by("pk").values_list("language_code", flat=True)
        return [get_language(code) for code in codes]

    @cached_property
    def codes(self) -> list[str]:
        """Return their codes."""
        return [language.code for language in self.languages]

    @cached_property
    def export_columns(self) -> Mapping[str, tuple[Any, Value]]:
        """Return the columns of the file: one for each language after the thing itself."""
        columns: dict[str, tuple[Any, Value]] = {
            "kind": (_("Kind"), lambda line: line.model._meta.verbose_name),
            "key": (_("Key"), lambda line: line.key),
            "title": (_("Title"), lambda line: line.title),
            "harm": (_("Harm"), lambda line: HARMS[line.harm].word if line.harm else ""),
        }
        for place, code in enumerate(self.codes):
            columns[code] = (code, _read_cell(place))
        return columns

    def get_queryset(self) -> Any:
        """Return the originals that are asked for."""
        filters: Any = self.filters
        return list_lines(filters.wanted, languages=self.codes)

    def decorate_paginated_queryset(self, object_list: Any) -> list[Line]:
        """Read how each language of one page of rows stands."""
        return read_lines(list(object_list), languages=self.codes)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the languages with how much of each is ready, and the legend."""
        filters: Any = self.filters
        total, ready = (0, {}) if self.is_export else count_ready(filters.wanted)
        own = languages_of(self.request.user)
        return {
            **super().get_context_data(**kwargs),
            "columns_of_languages": [
                (language, ready.get(language.code, 0), total) for language in self.languages
            ],
            "legend": STANDINGS.values(),
            "open": set(self.codes) if own is None else own,
        }

    def get_table(self, object_list: Any) -> Any:  # noqa: ARG002 - Wagtail's signature
        """Give Wagtail a table that it does not draw: the template draws the lines."""
        return super().get_table([])


def _read_cell(place: int) -> Value:
    return lambda line: STANDINGS[line.cells[place].standing].word


def _name(review: Review) -> str:
    return "" if review.by is None else review.by.get_full_name() or review.by.get_username()


def _say_note(review: Review) -> str:
    if review.act == Act.TESTED and review.note in TestResult:
        return str(TestResult(review.note).label)
    return review.note


class ActsReport(ExportedReport):
    """The ledger: who read, confirmed, tested or returned what, and when."""

    page_title = _("Acts")
    header_icon = "history"
    index_url_name = "upkeep_acts"
    index_results_url_name = "upkeep_acts_results"
    filterset_class = ActsFilterSet
    export_filename = "acts"
    columns = [
        Column("at", label=_("When")),
        Column("act", label=_("Act"), accessor="get_act_display"),
        Column("key", label=_("Key")),
        Column("language", label=_("Language")),
        Column("by", label=_("By"), accessor=_name),
        Column("rule", label=_("Rule")),
        Column("note", label=_("Note"), accessor=_say_note),
    ]
    export_columns = {
        "at": (_("When"), lambda review: review.at),
        "act": (_("Act"), lambda review: review.get_act_display()),
        "key": (_("Key"), lambda review: review.key),
        "language": (_("Language"), lambda review: review.language),
        "by": (_("By"), _name),
        "rule": (_("Rule"), lambda review: review.rule),
        "note": (_("Note"), _say_note),
    }

    def get_queryset(self) -> QuerySet[Review]:
        """Return the acts, newest first."""
        return Review.objects.select_related("by").order_by("-at", "-pk")
