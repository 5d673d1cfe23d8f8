"""Addresses of the readers' side that are no pages of the tree; they stand before it."""

from django.urls import path

from cms import views

urlpatterns = [path("<slug:language>/m/<slug:code>", views.short_link, name="short_link")]
