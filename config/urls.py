"""Every address of the house."""

from allauth.account import views
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from campaigns.views import invited
from config import errors, health, kept_forms, metrics, sittings

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("healthz/ready", health.ready, name="healthz_ready"),
    path("healthz/progress", health.progress, name="healthz_progress"),
    path("metrics", metrics.show_figures, name="metrics"),
    # One way in for everybody.
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("cms/", include(wagtailadmin_urls)),
    # Not all that allauth has: nobody registers, and an address is changed by an administrator.
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/again/", views.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/", views.password_change, name="account_change_password"),
    path("accounts/reset/", views.password_reset, name="account_reset_password"),
    path("accounts/reset/sent/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/reset/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("accounts/invited/<str:token>/", invited.take_invitation, name="account_invited"),
    path("accounts/kept/", kept_forms.show_kept_form, name="account_kept"),
    path("accounts/here/", sittings.be_here, name="account_here"),
    path("accounts/factors/", include("allauth.mfa.urls")),
    path("accounts/sessions/<int:pk>/end/", sittings.end_session, name="account_end_session"),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("hooks/", include("messaging.urls")),
    path("desk/", include("campaigns.urls")),
    path("reach/", include("analytics.urls")),
    path("api/v1/", include("cms.api.urls")),
    path("", include("campaigns.reading.urls")),
    path("", include("cms.urls")),
    # Wagtail's own forms for readers set a cookie, and readers have none.
    *i18n_patterns(path("_util/<path:form>", errors.not_here), path("", include(wagtail_urls))),
]

handler400 = "config.errors.bad_request"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
