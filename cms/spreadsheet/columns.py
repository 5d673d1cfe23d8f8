"""Which columns the sheet of each kind has, as data.

Left out is what no file may set (where a thing stands, tests of contacts, what WhatsApp says), and
what has no key that a person could type: legs, pictures, recordings, template variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.models import (
    Confidence,
    ContactKind,
    ContactPoint,
    Fact,
    FactKind,
    HarmClass,
    MessagePage,
    Pattern,
    Precision,
    RiskTopic,
    Sensitivity,
    ValueIs,
    Voice,
)
from cms.models.vocabularies import refuse_country, refuse_language
from cms.models.wordings import TemplateCategory
from cms.spreadsheet.cells import (
    Codes,
    Day,
    Figure,
    Flag,
    Form,
    Links,
    OneOf,
    Text,
    refuse_unlisted,
)

KEY, LANGUAGE, CHANGE, REVISION = "key", "language", "change_kind", "revision"
# Without these no row can be told from another, or from a newer one.
NEEDED = (KEY, LANGUAGE, REVISION)
# What the hidden column holds in the row that explains the columns, wherever that row is moved to.
HELP_ROW = "help"
LEADING: Mapping[str, Any] = {
    KEY: _("A stable name, the same in every language: CM-R1."),
    LANGUAGE: _("Its code: en. A new thing begins in the original language."),
    CHANGE: _("major or minor; empty means major."),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the model's field of the same name, its form, and whether it is translated."""

    name: str
    form: Form
    translated: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: the name of its sheet, its model and its columns."""

    name: str
    model: Any
    columns: tuple[Column, ...]

    @property
    def label(self) -> Any:
        """Return what people call things of this kind."""
        return self.model._meta.verbose_name_plural

    def field(self, column: Column) -> Any:
        """Return the model's field behind a column."""
        return self.model._meta.get_field(column.name)

    def is_needed(self, column: Column) -> bool:
        """Tell whether a new original cannot be without it."""
        field = self.field(column)
        return not field.blank and not field.has_default()


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Text(), translated=True) for name in names)


def _plain(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Text()) for name in names)


_COUNTRIES = Codes(refuse_country)
_ABOUT = (
    Column("routes", Links("routes")),
    Column("countries", _COUNTRIES),
)
_DATED = (
    Column("true_as_of", Day()),
    Column("as_of_precision", OneOf(Precision)),
    Column("review_by", Day()),
    Column("expires", Day()),
    Column("take_down", Flag()),
    Column("sources", Links("sources")),
)
_CHECKED = (
    Column("confidence", OneOf(Confidence)),
    Column("harm_class", OneOf(HarmClass)),
    Column("partner_safety", Flag()),
)
_ENTRY_CHECKED = (
    *_CHECKED,
    Column("sensitive_in", _COUNTRIES),
    Column("fix_first", Flag()),
)

FACTS = Kind(
    "facts",
    Fact,
    (
        *_texts("statement", "softer_statement", "caution"),
        Column("kind", OneOf(FactKind)),
        Column("topics", Codes(refuse_unlisted(RiskTopic))),
        *_ABOUT,
        Column("value", Figure()),
        Column("value_is", OneOf(ValueIs)),
        *_plain("unit", "period", "conflicting_values"),
        *_DATED,
        *_ENTRY_CHECKED,
    ),
)
CONTACT_POINTS = Kind(
    "contact_points",
    ContactPoint,
    (
        *_texts("name", "statement"),
        *_plain("number", "other", "url"),
        *_texts("hours", "cost", "suits", "does_not", "caution"),
        Column("kind", OneOf(ContactKind)),
        Column("reach_from", _COUNTRIES),
        Column("languages", Codes(refuse_language)),
        Column("sensitivity", OneOf(Sensitivity)),
        Column("lines", Figure(whole=True)),
        *_ABOUT,
        *_DATED,
        *_ENTRY_CHECKED,
    ),
)
MESSAGES = Kind(
    "messages",
    MessagePage,
    (
        *_texts("title", "nudge_text", "sms_text", "whatsapp_text"),
        *_texts("web_title", "web_summary", "picture_alt", "caution"),
        Column("pattern", OneOf(Pattern)),
        Column("sensitivity", OneOf(Sensitivity)),
        Column("voice", OneOf(Voice)),
        Column("routes", Links("routes")),
        Column("audience_countries", _COUNTRIES),
        Column("expires", Day()),
        Column("take_down", Flag()),
        *(
            Column(name, Links(name))
            for name in ("facts", "pathways", "claims", "contact_points", "stories")
        ),
        Column("whatsapp_template_needed", Flag()),
        *_plain("whatsapp_template_name"),
        Column("whatsapp_template_category", OneOf(TemplateCategory)),
        *_CHECKED,
    ),
)
# In the order of the sheets, and in which rows are written: messages point at the others.
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (FACTS, CONTACT_POINTS, MESSAGES)}
