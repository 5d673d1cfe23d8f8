"""Forms of entries and pages: every new change is a major one until its editor says otherwise.

Models name these as the base of their forms, so nothing here knows a model.
"""

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm, WagtailAdminPageForm

CHANGE = "change_kind"


class ChangeFormMixin:
    """Begin each change anew: what was live before was another change, and its kind is not this one's."""

    # The form's own.
    fields: dict[str, Any]
    initial: dict[str, Any]
    cleaned_data: dict[str, Any]
    instance: Any
    _meta: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if CHANGE not in self.fields:
            return
        # Where nothing follows, nobody is asked, and a major change harms nothing.
        self.fields[CHANGE].required = False
        if not self.instance.has_unpublished_changes:
            self.initial[CHANGE] = self._usual_change

    def clean_change_kind(self) -> str:
        """Take what nobody was asked for as major."""
        return self.cleaned_data.get(CHANGE) or self._usual_change

    @property
    def _usual_change(self) -> str:
        return str(self._meta.model._meta.get_field(CHANGE).default)


class EntryForm(ChangeFormMixin, WagtailAdminModelForm):
    """The form of a fact, pathway, claim, contact point, story or alert."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "legs" in self.fields:
            # Each is called by its route's name: read with it, not one by one.
            self.fields["legs"].queryset = self.fields["legs"].queryset.select_related("route")


class ChangedPageForm(ChangeFormMixin, WagtailAdminPageForm):
    """The form of a page that others follow."""
