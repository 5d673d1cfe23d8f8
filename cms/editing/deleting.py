"""Deleting what is used: refused on a page that says where, whichever way it was tried."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cms.deleting import Holder, find_holders
from cms.editing.addresses import edit_address

CONFLICT = 409


def refuse_if_held(request: HttpRequest, things: Iterable[Model]) -> HttpResponse | None:
    """Return a page that says where these are used; None where they may go."""
    held = [(thing, holders) for thing in things if (holders := find_holders(thing))]
    if not held:
        return None
    return _show(request, [{"thing": thing, "holders": _lines(found)} for thing, found in held])


class SayWhereItIsUsed:
    """Middleware: a refusal of the database itself is shown as such, and never as a fault of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show what a thing is used by, where no view has looked before."""
        if isinstance(exception, ProtectedError):
            rows: Iterable[Any] = exception.protected_objects
        elif isinstance(exception, RestrictedError):
            rows = exception.restricted_objects
        else:
            return None
        holders = [Holder.of(row) for row in rows]
        return _show(request, [{"thing": "", "holders": _lines(holders)}]).render()


def _show(request: HttpRequest, held: list[dict[str, Any]]) -> TemplateResponse:
    return TemplateResponse(request, "cms/admin/in_use.html", {"held": held}, status=CONFLICT)


def _lines(holders: Iterable[Holder]) -> list[dict[str, Any]]:
    return [{"holder": holder, "address": edit_address(holder.row)} for holder in holders]
