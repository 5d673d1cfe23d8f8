"""Addresses of the readers' side that are no pages of the tree; they stand before it."""

from django.urls import path

from cms import views
from cms.media import serve_media

urlpatterns = [
    path("media/<path:name>", serve_media, name="media"),
    path("<slug:language>/m/<slug:code>", views.short_link, name="short_link"),
]
