"""Join words: which word leads to which routes in which country."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.field.join_words import WordError, save_word, switch_word
from campaigns.forms.safety import WordForm
from campaigns.models import JoinWord
from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_leads, for_staff, keep, show
from campaigns.words import name_routes


@for_staff
@require_safe
def list_words(request: SignedIn) -> HttpResponse:
    """Show all words by country, or those of one route."""
    names = name_routes()
    chosen = request.GET.get("route", "")
    words = JoinWord.objects.select_related("campaign").order_by("country", "word")
    rows = [
        (word, "; ".join(names.get(code, code) for code in word.routes))
        for word in words
        if not chosen or chosen in word.routes
    ]
    used = sorted({code for word in words for code in word.routes})
    context = {
        "rows": rows,
        "routes": [(code, names.get(code, code)) for code in used],
        "chosen": chosen if chosen in used else "",
    }
    return show(request, "words", context)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def add_word(request: SignedIn) -> HttpResponse:
    """Show the form for a new word, or add it."""
    return _answer(request, None)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def change_word(request: SignedIn, pk: int) -> HttpResponse:
    """Show the form of a word, or change it."""
    return _answer(request, get_object_or_404(JoinWord, pk=pk))


@for_leads
@require_POST
def switch(request: SignedIn, pk: int) -> HttpResponse:
    """Switch a word on or off."""
    word = get_object_or_404(JoinWord, pk=pk)
    is_on = request.POST.get("on") == "yes"
    with transaction.atomic():
        switch_word(word, on=is_on)
        keep(request, "switched_on" if is_on else "switched_off", kind="word", code=word.pk)
    said = _("Switched on.") if is_on else _("Switched off. Who has joined by it stays.")
    messages.success(request, said)
    return redirect("desk_words")


def _answer(request: SignedIn, word: JoinWord | None) -> HttpResponse:
    form = WordForm(request.POST or None, word=word)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                saved = save_word(form.make_wish(), word)
                keep(request, "changed" if word else "added", kind="word", code=saved.pk)
        except WordError as error:
            form.add_error("word", str(error))
        else:
            messages.success(request, _("Saved. It works at once."))
            return redirect("desk_words")
    status = 422 if form.errors else 200
    return show(request, "word", {"form": form, "word": word}, status=status)
