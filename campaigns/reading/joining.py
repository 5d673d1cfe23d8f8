"""Joining on the web: one form, then the code from the phone, then two questions that nobody need answer.

The page after the form is the same whatever became of it, so that nobody learns who gets messages. The
number stands in no address, no cookie and no log; the id of a sign-up only within the page.
"""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.reading import choices
from campaigns.reading.addresses import code_path, join_path, told_path
from campaigns.reading.answering import Frame, answer, find_frame
from campaigns.reading.forms import CodeForm, JoinForm
from campaigns.reading.networks import read_network
from campaigns.reading.volunteering import (
    AGE_BANDS,
    SEXES,
    count_told,
    read_told,
    write_slip,
)
from cms.reader.addresses import country_path
from locales.languages import get_language
from messaging.guarding import limits
from messaging.joining import signups
from messaging.models import ConsentEntry, SignUp
from messaging.models.subscribers import Channel, Purpose
from messaging.sealing import crypto
from messaging.senders.roster import NoSenderError, choose_sender

_CODES_OF_A_NETWORK = 200


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, language: str) -> HttpResponse:
    """Show the form, or take what was asked for."""
    frame = find_frame(language, join_path)
    with translation.override(frame.language.code):
        form = _make_form(request, frame)
        if request.method != "POST":
            return _show_form(request, frame, form)
        if form.is_minor():
            return _answer_minor(request, frame, form)
        if not form.is_valid():
            return _show_form(request, frame, form, status=422)
    return _begin(request, frame, form)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for the code, or take it: with the id of this sign-up, or with the number for who comes anew."""
    frame = find_frame(language, code_path)
    if request.method != "POST":
        return _ask_code(request, frame)
    network, now = read_network(request), timezone.now()
    if network and not limits.take("codes", network, most=_CODES_OF_A_NETWORK, now=now):
        return answer(request, "too_many.html", frame, status=429)
    if uid := _read_uid(request):
        country = _country_of(uid=uid)
        if signups.confirm_by_code(uid, request.POST.get("code", ""), now=now):
            return _say_joined(request, frame, country)
        return _ask_code(request, frame, uid=uid, is_wrong=True, status=422)
    return _confirm_by_number(request, frame)


@csrf_exempt
@require_POST
def tell(request: HttpRequest, language: str) -> HttpResponse:
    """Take what somebody tells for statistics; the answer is the same whether it was counted."""
    frame = find_frame(language, join_path)
    said = read_told(request.POST.get("sex", ""), request.POST.get("age", ""))
    count_told(request.POST.get("slip", "")[:200], said, now=timezone.now())
    return answer(request, "told.html", frame)


# ---- The form ----------------------------------------------------------------------------------


def _make_form(request: HttpRequest, frame: Frame) -> JoinForm:
    return JoinForm(
        request.POST if request.method == "POST" else None,
        language=frame.language.code,
        tongues=choices.list_languages(),
        routes=choices.list_routes(choices.find_home(frame.language.code)),
    )


def _show_form(
    request: HttpRequest, frame: Frame, form: JoinForm, *, status: int = 200
) -> HttpResponse:
    asked = [form.words_of(purpose) for purpose in (Purpose.SURVEY, Purpose.URGENT)]
    words: dict[str, Any] = {
        "form": form,
        "tongues": choices.list_languages(),
        "countries": form.list_countries(),
        "routes": choices.list_routes(choices.find_home(frame.language.code)),
        "channels": choices.list_channels(),
        "chosen": form.chosen_language,
        "picked": form["routes"].value() or [],
        "wording": form.words_of(Purpose.MESSAGES),
        "extras": asked,
        "yeses": [purpose for purpose in Purpose.values if form.data.get(purpose)],
        "spoken": get_language(form.words_of(Purpose.MESSAGES).language),
    }
    return answer(request, "join.html", frame, status=status, **words)


def _answer_minor(request: HttpRequest, frame: Frame, form: JoinForm) -> HttpResponse:
    country = form.data.get("country", "")
    known = dict(form.list_countries())
    near = country_path(frame.asked.code, country) if country in known else ""
    return answer(request, "too_young.html", frame, near=near, near_name=known.get(country, ""))


def _begin(request: HttpRequest, frame: Frame, form: JoinForm) -> HttpResponse:
    chosen, extra = form.cleaned_data, form.extra_words()
    uid = signups.begin(
        signups.Request(
            channel=chosen["channel"],
            number=chosen["address"],
            language=chosen["messages_in"],
            country=chosen["country"],
            topics=form.topics(),
            method=ConsentEntry.Method.WEB,
            wording=chosen["wording"],
            purposes=(Purpose.MESSAGES, *extra),
            words=extra,
            network=read_network(request),
        ),
        now=timezone.now(),
    )
    return _ask_code(request, frame, uid=uid, has_begun=True, chosen=chosen)


# ---- The code ----------------------------------------------------------------------------------


def _ask_code(
    request: HttpRequest, frame: Frame, *, status: int = 200, **words: Any
) -> HttpResponse:
    chosen = words.pop("chosen", None)
    words["write_to"] = _find_line(chosen) if chosen else ""
    return answer(request, "code.html", frame, status=status, **words)


def _find_line(chosen: dict[str, Any]) -> str:
    """Return where she has to write first because nothing may be sent before; empty where it may."""
    if not signups.must_write_first(chosen["channel"], chosen["messages_in"]):
        return ""
    try:
        return choose_sender(chosen["channel"], chosen["country"]).address
    except NoSenderError:
        return ""


def _confirm_by_number(request: HttpRequest, frame: Frame) -> HttpResponse:
    with translation.override(frame.language.code):
        form = CodeForm(request.POST, language=frame.language.code)
        if not form.is_valid():
            return _ask_code(request, frame, form=form, countries=form.list_countries(), status=422)
    number, code = form.cleaned_data["address"], form.cleaned_data["code"]
    country = _country_of(number_hash__in=crypto.hashes_of(number))
    for channel in Channel.values:
        if signups.confirm_by_number(channel, number, code, now=timezone.now()):
            return _say_joined(request, frame, country)
    return _ask_code(request, frame, form=form, is_wrong=True, status=422)


def _read_uid(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=request.POST.get("uid", ""))
    except ValueError:
        return None


def _country_of(**known: Any) -> str:
    """Return the country of an open sign-up, before its row goes."""
    return SignUp.objects.filter(**known).values_list("country", flat=True).first() or ""


def _say_joined(request: HttpRequest, frame: Frame, country: str) -> HttpResponse:
    return answer(
        request,
        "joined.html",
        frame,
        told=told_path(frame.asked.code),
        slip=write_slip(country),
        sexes=list(SEXES.items()),
        ages=AGE_BANDS,
    )
