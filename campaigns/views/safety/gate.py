"""Who may open these pages, and who may press their buttons."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn, refuse

View = Callable[..., HttpResponse]

log = logging.getLogger("waymark.desk")


def for_staff(view: View) -> View:
    """Let in who is in one of the groups of staff; the request then knows her `duties`."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        request.duties = Duties(request.user)
        if not request.duties.any:
            return refuse(request, _("Only programme leads and data-protection officers see this."))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def for_leads(view: View) -> View:
    """Let in programme leads only."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.duties.words:
            return refuse(request, _("Only programme leads can do this."))
        return view(request, *args, **kwargs)

    return for_staff(guarded)


def for_officers(view: View) -> View:
    """Let in data-protection officers only."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.duties.papers:
            return refuse(request, _("Only data-protection officers can do this."))
        return view(request, *args, **kwargs)

    return for_staff(guarded)


def keep(request: SignedIn, verb: str, *, kind: str, code: str | int) -> None:
    """Write a deed of staff into the audit, in the transaction of the deed where it has one."""
    actor, now = request.user.pk, timezone.now()
    audit.note(verb, kind=kind, code=str(code), actor=actor, now=now)


def keep_stop(request: SignedIn, verb: str, *, kind: str, code: str | int) -> None:
    """Write down that something was stopped, once it is: a stop that nobody notes is better than none."""
    try:
        keep(request, verb, kind=kind, code=code)
    except DatabaseError:
        log.exception("the audit misses: %s %s %s by user %s", verb, kind, code, request.user.pk)


def show(
    request: SignedIn, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show one of these pages, which all know what the person may do."""
    duties = request.duties  # type: ignore[attr-defined]
    return render(request, f"desk/safety/{name}.html", {"duties": duties, **context}, status=status)
