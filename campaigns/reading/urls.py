"""Addresses of the readers' pages for joining and stopping; they stand before those of the CMS."""

from django.urls import path

from campaigns.reading import joining, stopping

urlpatterns = [
    # Without a language and a slash: it stands in messages, and is typed from them.
    path("stop", stopping.find_stop, name="find_stop"),
    path("stop/", stopping.find_stop),
    path("<slug:language>/join/", joining.join, name="join"),
    path("<slug:language>/join/code/", joining.confirm, name="join_code"),
    path("<slug:language>/join/told/", joining.tell, name="join_told"),
    path("<slug:language>/stop/", stopping.stop, name="stop"),
]
