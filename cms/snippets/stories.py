"""Stories in the CMS, and the consents that they are told with."""

from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList, Panel
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from cms.models import Story, StoryConsent
from cms.panels import NoticePanel
from cms.snippets.entries import EntryViewSet, group, group_standing, list_columns
from cms.snippets.withdrawing import WITHDRAW_URL, WithdrawView


class StoryViewSet(EntryViewSet):
    """List and edit stories."""

    model = Story
    icon = "user"
    list_display = list_columns("title")
    list_filter = ["routes", "translation_state"]
    search_fields = ["key", "title", "statement"]
    panels = [
        NoticePanel(),
        group(_("Consent"), "consent"),
        group(_("Story"), "key", "title", "told_as", "statement", "recording"),
        group(_("About"), "routes", "legs", "countries"),
        group(_("What it uses"), "facts", collapsed=True),
        *group_standing(),
    ]


class ConsentForm(WagtailAdminModelForm):
    """Record who took the consent down; a withdrawn one stays as it is."""

    def clean(self) -> dict[str, Any]:
        """Refuse to change what has been withdrawn."""
        cleaned: dict[str, Any] = super().clean()
        if self.instance.withdrawn_at is not None:
            self.add_error(None, _("This consent has been withdrawn and can not be changed."))
        return cleaned

    def save(self, commit: bool = True) -> StoryConsent:
        """Note by whom a new consent was recorded."""
        if self.instance.pk is None:
            self.instance.recorded_by = self.for_user
        saved: StoryConsent = super().save(commit=commit)
        return saved


class StandingPanel(Panel):
    """Say whether a consent stands, and lead to withdrawing it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/consent_standing.html"

        def is_shown(self) -> bool:
            """Stay away from a consent that is not recorded yet."""
            return bool(super().is_shown()) and self.instance.pk is not None


class ConsentList(IndexView):
    """List consents, each with the way to withdraw it."""

    def get_list_more_buttons(self, instance: StoryConsent) -> list[Any]:
        """Add withdrawing to what can be done with a consent that stands."""
        buttons: list[Any] = super().get_list_more_buttons(instance)
        if instance.withdrawn_at is None and self.user_has_permission("change"):
            address = reverse(WITHDRAW_URL, args=[instance.pk])
            label = _("Withdraw this consent")
            buttons.append(MenuItem(label, url=address, icon_name="no-view", priority=5))
        return buttons


class ConsentViewSet(SnippetViewSet):
    """List, record and withdraw consents; there is no way to delete the record of one."""

    model = StoryConsent
    icon = "key"
    list_display = [
        "reference",
        "given_on",
        Column("how", label=_("How"), accessor="get_how_display"),
        BooleanColumn("of_age", label=_("Adult")),
        Column("withdrawn_at", label=_("Withdrawn"), sort_key="withdrawn_at"),
    ]
    list_filter = ["how", "of_age"]
    search_fields = ["reference"]
    ordering = ["reference"]
    copy_view_enabled = False
    index_view_class = ConsentList
    edit_handler = ObjectList(
        [
            StandingPanel(),
            group(_("Who agreed, and how"), "reference", "given_on", "how", "of_age"),
            group(_("To what"), "scope", "wording"),
        ],
        base_form_class=ConsentForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the page that withdraws."""
        withdraw = self.construct_view(WithdrawView)
        return [*super().get_urlpatterns(), path("withdraw/<int:pk>/", withdraw, name="withdraw")]
