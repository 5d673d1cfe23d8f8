"""What the lists and forms of all entries share: columns, groups of fields, freshness."""

from typing import Any

from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList

from cms.editing.viewsets import GuardedViewSet
from cms.entry_forms import EntryForm
from cms.panels import LanguagesPanel
from cms.standing_panels import ChangePanel, HeadPanel, UsesPanel, WeightPanel
from cms.upkeep.columns import ActsColumn, StandingList, standing_columns
from locales.languages import LANGUAGES, get_language

FIGURE = ("value", "value_is", "unit")


def list_columns(*first: Any) -> list[Any]:
    """Return the columns of a list: key, the kind's own, where each row stands, what to do."""
    return [
        *standing_columns(*first),
        ActsColumn("acts", label=_("One tap")),
    ]


def _field(name: str) -> FieldPanel:
    if name == "routes":
        return FieldPanel(name, widget=CheckboxSelectMultiple)
    return FieldPanel(name)


def group(heading: Any, *names: str, collapsed: bool = False) -> MultiFieldPanel:
    """Return one group of fields under a heading."""
    return MultiFieldPanel(
        [_field(name) for name in names],
        heading=heading,
        classname="collapsed" if collapsed else "",
    )


def group_standing() -> list[Any]:
    """Return the groups that every entry has below its own."""
    return [
        group(
            _("Date and source"),
            "true_as_of",
            "as_of_precision",
            "review_by",
            "expires",
            "take_down",
            "sources",
        ),
        *group_checked(),
    ]


def group_checked() -> list[Any]:
    """Return the groups that say how far an entry is checked."""
    return [
        MultiFieldPanel(
            [
                FieldPanel("confidence"),
                FieldPanel("harm_class"),
                FieldPanel("caution"),
                FieldPanel("fix_first"),
                FieldPanel("has_expired", read_only=True),
                FieldPanel("status", read_only=True),
                FieldPanel("sendable", read_only=True),
                FieldPanel("translation_state", read_only=True),
            ],
            heading=_("How far it is checked"),
        ),
        group(_("Safety of partners"), "partner_safety", "sensitive_in", collapsed=True),
        LanguagesPanel(heading=_("Languages")),
    ]


def offer_languages() -> list[tuple[str, str]]:
    """Return every language we know, by its own name, and before them none."""
    return [("", "–"), *((code, f"{get_language(code).endonym} ({code})") for code in LANGUAGES)]


class EntryViewSet(GuardedViewSet):
    """List and edit one kind of entry: what all kinds have in common."""

    ordering = ["key"]
    index_view_class = StandingList

    def get_edit_handler(self) -> Any:
        """Say at the head of each form how the entry stands, who uses it and what a change does."""
        notice, *rest = self.panels
        head = [notice, HeadPanel(), UsesPanel(), WeightPanel(), ChangePanel()]
        form = ObjectList([*head, *rest], base_form_class=EntryForm)
        return form.bind_to_model(self.model)
