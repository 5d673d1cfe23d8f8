"""Which person translates into which languages: a list that administrators keep, under the settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import Locale

from cms.models import Translator
from locales.languages import get_language


class TranslatorForm(WagtailAdminModelForm):
    """Choose among the languages of the site."""

    languages = forms.MultipleChoiceField(
        label=_("languages"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    class Meta:
        model = Translator
        fields = ("user", "languages")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = Locale.objects.order_by("language_code").values_list("language_code", flat=True)
        self.fields["languages"].choices = [(code, get_language(code).endonym) for code in codes]


class TranslatorViewSet(ModelViewSet):
    """List translators and their languages."""

    model = Translator
    name = "translators"
    icon = "user"
    menu_label = _("Translators")
    add_to_settings_menu = True
    list_display = ("user", "languages")
    inspect_view_enabled = False
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[TranslatorForm]:  # noqa: ARG002
        """Return our form, for a new row and an old one."""
        return TranslatorForm
