"""Addresses of the desk, below /desk/."""

from django.urls import path

from campaigns.views import broadcasts, deciding, preparing, watching

urlpatterns = [
    path("", broadcasts.list_broadcasts, name="desk"),
    path("broadcasts/new/", preparing.prepare_broadcast, name="desk_prepare"),
    path("broadcasts/<str:code>/", broadcasts.show_broadcast, name="desk_broadcast"),
    path("broadcasts/<str:code>/texts/", preparing.freeze_again, name="desk_texts"),
    path("broadcasts/<str:code>/ask/", deciding.ask, name="desk_ask"),
    path("broadcasts/<str:code>/approve/", deciding.approve, name="desk_approve"),
    path("broadcasts/<str:code>/return/", deciding.give_back, name="desk_return"),
    path("broadcasts/<str:code>/states/", watching.show_states, name="desk_states"),
    path("broadcasts/<str:code>/pause/", watching.pause, name="desk_pause"),
    path("broadcasts/<str:code>/resume/", watching.resume, name="desk_resume"),
    path("broadcasts/<str:code>/cancel/", watching.cancel, name="desk_cancel"),
]
