"""Addresses of reach, mounted at /reach/."""

from django.urls import path

from analytics import views

urlpatterns = [
    path("", views.reach_index, name="reach_index"),
    path("<slug:code>/", views.reach, name="reach"),
]
