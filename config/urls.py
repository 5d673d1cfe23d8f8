"""Every address of the house."""

from allauth.account import views
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from config import errors
from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("cms/", include(wagtailadmin_urls)),
    # Only these two: accounts and passwords come from an administrator, and no e-mail is sent yet.
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("hooks/", include("messaging.urls")),
    path("desk/", include("campaigns.urls")),
    path("reach/", include("analytics.urls")),
    path("api/v1/", include("cms.api.urls")),
    path("", include("cms.urls")),
    # Wagtail's own forms for readers set a cookie, and readers have none.
    *i18n_patterns(path("_util/<path:form>", errors.not_here), path("", include(wagtail_urls))),
]

handler400 = "config.errors.bad_request"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
