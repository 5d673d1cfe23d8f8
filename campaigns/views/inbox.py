"""The inbox: what waits for an answer, the urgent first; a text is shown to whoever has opened it only."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.field import inbox
from campaigns.forms.answers import AnswerForm
from campaigns.models import Question
from campaigns.permissions import may_answer, questions_visible_to
from campaigns.views.requests import SignedIn
from campaigns.words import name_routes

_PER_PAGE = 25
State = Question.State
# What is written to whoever opens another's question, and how it may have ended.
_OUTCOMES = [(one.value, one.label) for one in Question.Outcome if one.value in inbox.CHOSEN]


@login_required
@never_cache
@require_safe
def list_questions(request: SignedIn) -> HttpResponse:
    """Show what waits for a person, the urgent and then the oldest first; never what was written."""
    if not may_answer(request.user):
        # Whoever reads reports only has her place among these pages too.
        return redirect("desk_sessions")
    mine = questions_visible_to(request.user)
    shown = request.GET.get("show", State.OPEN)
    shown = shown if shown in State.values else State.OPEN
    topic = request.GET.get("topic", "")
    names = name_routes()
    chosen = mine.filter(state=shown)
    topics = sorted(set(chosen.order_by().values_list("topic", flat=True)))
    chosen = chosen.filter(topic=topic) if topic in topics and topic else chosen
    page = Paginator(chosen, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "items": [(one, names.get(one.topic, one.topic)) for one in page.object_list],
        "shown": shown,
        "states": [(state.value, state.label) for state in State],
        "topic": topic,
        "topics": [(code, names.get(code, code)) for code in topics if code],
        "waiting": mine.filter(state=State.OPEN).count(),
        "kept": f"show={shown}&topic={topic if topic in topics else ''}&",
        "now": timezone.now(),
    }
    return render(request, "desk/inbox/list.html", context)


@login_required
@never_cache
@require_safe
def show_question(request: SignedIn, code: str) -> HttpResponse:
    """Show one question; what she wrote only to whoever looks after it."""
    question = _find(request, code)
    return _show(request, question, _make_form(request, question))


@login_required
@require_POST
def open_question(request: SignedIn, code: str) -> HttpResponse:
    """Let this person look after a question, so that its text is shown to her."""
    question = _find(request, code)
    inbox.open_question(question, request.user, now=timezone.now())
    return redirect("desk_question", code=code)


@login_required
@never_cache
@require_POST
def answer(request: SignedIn, code: str) -> HttpResponse:
    """Send an answer, once."""
    question = _find(request, code)
    form = _make_form(request, question)
    if not form.is_valid():
        return _show(request, question, form, status=422)
    seen = request.POST.getlist("seen")
    try:
        inbox.answer(question, request.user, form.read_text(), seen=seen, now=timezone.now())
    except inbox.AnswerError as error:
        question.refresh_from_db()
        if question.state == State.OPEN and question.taken_by_id == request.user.pk:
            # What was written is not lost.
            form.add_error(None, str(error))
            return _show(request, question, form, status=422)
        messages.warning(request, str(error))
        return redirect("desk_question", code=code)
    messages.success(
        request, _("Your answer is on its way. Close the question when nothing more is to be done.")
    )
    return redirect("desk_question", code=code)


@login_required
@require_POST
def close(request: SignedIn, code: str) -> HttpResponse:
    """Close a question with how it ended."""
    question = _find(request, code)
    outcome, seen = request.POST.get("outcome", ""), request.POST.getlist("seen")
    try:
        inbox.close(question, request.user, outcome, seen=seen, now=timezone.now())
    except inbox.AnswerError as error:
        messages.warning(request, str(error))
        return redirect("desk_question", code=code)
    messages.success(request, _("Closed."))
    return redirect("desk_inbox")


@login_required
@require_POST
def reopen(request: SignedIn, code: str) -> HttpResponse:
    """Open a closed question again."""
    question = _find(request, code)
    try:
        inbox.reopen(question, request.user, now=timezone.now())
    except inbox.AnswerError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("It is open again."))
    return redirect("desk_question", code=code)


def _make_form(request: SignedIn, question: Question) -> AnswerForm:
    given = request.POST if request.method == "POST" else None
    return AnswerForm(given, person=request.user, language=question.language)


def _find(request: SignedIn, code: str) -> Question:
    return get_object_or_404(questions_visible_to(request.user), code=code)


def _show(
    request: SignedIn, question: Question, form: AnswerForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    is_mine = question.taken_by_id == request.user.pk
    names = name_routes()
    context: dict[str, Any] = {
        "question": question,
        "routes": [names.get(code, code) for code in question.routes],
        "is_mine": is_mine,
        "texts": inbox.read(question) if is_mine else [],
        "form": form,
        "outcomes": _OUTCOMES,
        "may_close": is_mine or question.state == State.ANSWERED or not inbox.is_kept(question),
        "most_parts": inbox.MOST_PARTS,
    }
    if question.state == State.CLOSED:
        context["may_reopen"] = inbox.is_kept(question)
    if question.state == State.OPEN:
        try:
            context["answer_until"] = inbox.find_end(question, now=now)
        except inbox.AnswerError as error:
            context["no_way"] = str(error)
    return render(request, "desk/inbox/show.html", context, status=status)
