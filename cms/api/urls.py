"""The addresses of the public interface, each answered as `cms.api.answering` says."""

from typing import Any

from django.urls import path

from cms.api.answering import answer
from cms.api.endpoints import api, not_there

_patterns, _app_name, _namespace = api.urls
_found: list[Any] = list(_patterns)
for _pattern in _found:
    _pattern.callback = answer(_pattern.callback)

urlpatterns = [
    path("", (_found, _app_name, _namespace)),
    path("<path:rest>", answer(not_there)),
]
