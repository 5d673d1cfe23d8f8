"""A small site of its own: views that say what they are, use and when they change."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from cms.reader import tracing
from cms.reader.tracing import Kind

# What the views say, and how often they were asked.
TEXT = "A text for readers. " * 40
said: dict[str, Any] = {"words": TEXT, "token": "text:one", "until": None}
asked: list[str] = []


def show(request: HttpRequest, **_: Any) -> HttpResponse:
    asked.append(request.path)
    tracing.describe(Kind.PLAIN, language="en", title="One")
    tracing.use(str(said["token"]))
    until = said["until"]
    tracing.change_on(until if isinstance(until, date) else None)
    response = HttpResponse(f"<html><main><p>{said['words']}</p></main>not read</html>")
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Language"] = "en"
    return response


def undescribed(request: HttpRequest) -> HttpResponse:
    asked.append(request.path)
    return HttpResponse(TEXT)


def with_cookie(request: HttpRequest) -> HttpResponse:
    response = show(request)
    response.set_cookie("one", "1")
    return response


def of_somebody(request: HttpRequest) -> HttpResponse:
    response = show(request)
    request.session.get("user")
    return response


def gone(request: HttpRequest) -> HttpResponse:
    response = show(request)
    response.status_code = int(str(said["words"])) if str(said["words"]).isdigit() else 200
    return response


urlpatterns = [
    path("en/one/", show),
    path("en/two/", show),
    path("en/plain/", undescribed),
    path("en/cookie/", with_cookie),
    path("en/somebody/", of_somebody),
    path("en/gone/", gone),
    path("cms/one/", show),
]
