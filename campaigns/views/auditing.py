"""The audit: who did what. Partners see what was done for them; staff see all; it holds no person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.audit_words import describe_details, name_kind, name_verb
from campaigns.models import AuditEntry, Membership
from campaigns.permissions import entries_visible_to, partners_of
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn

_PER_PAGE = 50
_PAGES = {"broadcast": "desk_broadcast", "import": "desk_import"}


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one entry in words: who it was, what was done to what, and where to look."""

    entry: AuditEntry
    who: str
    verb: str
    kind: str
    details: str
    address: str


@login_required
@require_safe
@never_cache
def list_entries(request: SignedIn) -> HttpResponse:
    """Show what was done, the latest first."""
    if not Duties(request.user).across and not partners_of(request.user).exists():
        return render(request, "desk/no_partner.html")
    return _show(request, entries_visible_to(request.user), {})


@login_required
@require_safe
@never_cache
def show_object(request: SignedIn, kind: str, code: str) -> HttpResponse:
    """Show what was done to one thing; raise Http404 where this person may see nothing of it."""
    entries = entries_visible_to(request.user).filter(kind=kind, object_code=code)
    if not entries.exists():
        raise Http404
    about = {"kind": name_kind(kind), "code": code, "address": _find_address(kind, code)}
    return _show(request, entries, about)


def _show(request: SignedIn, entries: QuerySet[AuditEntry], about: dict[str, Any]) -> HttpResponse:
    page = Paginator(entries, _PER_PAGE).get_page(request.GET.get("page"))
    lines = _make_lines(page.object_list, _name_people(request, page.object_list))
    return render(request, "desk/audit/list.html", {"page": page, "lines": lines, "about": about})


def _make_lines(entries: Iterable[AuditEntry], names: dict[int, str]) -> list[Line]:
    return [
        Line(
            entry=entry,
            who=_("the service itself") if entry.actor_id is None else _name(names, entry.actor_id),
            verb=name_verb(entry.verb),
            kind=name_kind(entry.kind),
            details=describe_details(entry.details),
            address=_find_address(entry.kind, entry.object_code),
        )
        for entry in entries
    ]


def _name_people(request: SignedIn, entries: Iterable[AuditEntry]) -> dict[int, str]:
    """Return the addresses of those whom this person works with; staff know everybody's."""
    people = User.objects.filter(pk__in={entry.actor_id for entry in entries if entry.actor_id})
    if not Duties(request.user).across:
        mates = Membership.objects.filter(partner__in=partners_of(request.user))
        people = people.filter(pk__in=mates.values("user_id"))
    return dict(people.values_list("pk", "email"))


def _name(names: dict[int, str], actor: int) -> str:
    return names.get(actor) or _("somebody who does not work here")


def _find_address(kind: str, code: str) -> str:
    return reverse(_PAGES[kind], kwargs={"code": code}) if kind in _PAGES else ""
