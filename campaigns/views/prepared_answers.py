"""Prepared answers: texts that whoever answers questions may choose instead of writing her own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.field.inbox import save_prepared
from campaigns.forms.answers import PreparedAnswerForm
from campaigns.models import PreparedAnswer
from campaigns.permissions import (
    may_answer,
    prepared_answers_kept_by,
    prepared_answers_visible_to,
)
from campaigns.views.requests import SignedIn, refuse


@login_required
@require_safe
def list_answers(request: SignedIn) -> HttpResponse:
    """Show the prepared answers that this person may use, and those that she may change."""
    if not may_answer(request.user):
        return _refuse(request)
    kept = set(prepared_answers_kept_by(request.user).values_list("pk", flat=True))
    answers = prepared_answers_visible_to(request.user) | prepared_answers_kept_by(request.user)
    rows = [(one, one.pk in kept) for one in answers.select_related("partner").distinct()]
    return render(request, "desk/inbox/answers.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_answer(request: SignedIn) -> HttpResponse:
    """Show the form for a new prepared answer, or keep it."""
    if not may_answer(request.user):
        return _refuse(request)
    return _answer(request, PreparedAnswer())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_answer(request: SignedIn, pk: int) -> HttpResponse:
    """Show the form of a prepared answer, or change it."""
    return _answer(request, get_object_or_404(prepared_answers_kept_by(request.user), pk=pk))


def _answer(request: SignedIn, answer: PreparedAnswer) -> HttpResponse:
    is_new = answer.pk is None
    form = PreparedAnswerForm(request.POST or None, person=request.user, instance=answer)
    if request.method == "POST" and form.is_valid():
        save_prepared(form.save(commit=False), by=request.user, now=timezone.now())
        messages.success(request, _("Saved. It can be chosen from now on."))
        return redirect("desk_answers")
    context = {"form": form, "is_new": is_new}
    return render(request, "desk/inbox/answer.html", context, status=422 if form.errors else 200)


def _refuse(request: SignedIn) -> HttpResponse:
    return refuse(request, _("Only people who plan or approve for a partner answer questions."))
