"""The page on which a consent is withdrawn: it shows what goes down with it, and asks once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from cms.consents import AlreadyWithdrawn, uses_of_consent, withdraw
from cms.models import StoryConsent

WITHDRAW_URL = "wagtailsnippets_cms_storyconsent:withdraw"
LIST_URL = "wagtailsnippets_cms_storyconsent:list"


class WithdrawView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Show what rests on a consent; take it down when that is confirmed."""

    model = StoryConsent
    permission_required = "change"
    page_title = gettext_lazy("Withdraw a consent")
    header_icon = "no-view"
    template_name = "cms/admin/withdraw_consent.html"

    @cached_property
    def consent(self) -> StoryConsent:
        """Return the consent that the address names."""
        return get_object_or_404(
            StoryConsent.objects.select_related("withdrawn_by"), pk=self.kwargs["pk"]
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list of consents and to this one."""
        names = StoryConsent._meta.verbose_name_plural
        edit = reverse("wagtailsnippets_cms_storyconsent:edit", args=[self.consent.pk])
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse(LIST_URL), "label": str(names).capitalize()},
            {"url": edit, "label": self.consent.reference},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the consent and all that rests on it."""
        uses = uses_of_consent(self.consent)
        return super().get_context_data(consent=self.consent, uses=uses, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG002
        """Withdraw it."""
        try:
            taken = withdraw(self.consent, by=request.user, now=timezone.now())
        except AlreadyWithdrawn:
            messages.warning(request, _("This consent had been withdrawn before."))
            return redirect(LIST_URL)
        words = _("The consent is withdrawn. Texts taken down: %(count)d.")
        messages.success(request, words % {"count": len(taken)})
        return redirect(LIST_URL)
