"""Addresses of field work, below /desk/: questions, corrections, the morning round, sessions."""

from django.urls import path

from campaigns.views import inbox, morning_round, prepared_answers, recalls, sessions

urlpatterns = [
    path("inbox/", inbox.list_questions, name="desk_inbox"),
    path("inbox/answers/", prepared_answers.list_answers, name="desk_answers"),
    path("inbox/answers/new/", prepared_answers.add_answer, name="desk_answer_new"),
    path("inbox/answers/<int:pk>/", prepared_answers.change_answer, name="desk_answer"),
    path("inbox/<str:code>/", inbox.show_question, name="desk_question"),
    path("inbox/<str:code>/open/", inbox.open_question, name="desk_question_open"),
    path("inbox/<str:code>/answer/", inbox.answer, name="desk_question_answer"),
    path("inbox/<str:code>/close/", inbox.close, name="desk_question_close"),
    path("inbox/<str:code>/reopen/", inbox.reopen, name="desk_question_reopen"),
    path("recalls/", recalls.list_recalls, name="desk_recalls"),
    path("recalls/<str:code>/correct/", recalls.correct, name="desk_correct"),
    path("round/", morning_round.show_round, name="desk_round"),
    path("round/<int:pk>/", morning_round.note, name="desk_round_note"),
    path("sessions/", sessions.list_sessions, name="desk_sessions"),
    path("sessions/new/", sessions.add_session, name="desk_session_new"),
    path("sessions/<str:code>/", sessions.change_session, name="desk_session"),
]
