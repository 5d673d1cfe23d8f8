"""E-mails to editors about what has expired: keys, dates and addresses in the CMS, never a text.

A thing is told once. Whoever wrote it is told; where nobody did, all editors are.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage, get_connection
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page, Revision

from cms.roles import EDITORS
from cms.sweeping import SWEPT

logger = logging.getLogger("waymark.cms")
# One mail stays readable, and one run short; the next run tells the rest.
MOST_AT_ONCE = 500
MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Ended:
    """One row that has expired and that nobody has been told about."""

    model: type[Any]
    pk: int
    kind: str
    key: str
    language: str
    expires: date | None
    live: bool

    @property
    def address(self) -> str:
        """Return where it is edited."""
        if issubclass(self.model, Page):
            path = reverse("wagtailadmin_pages:edit", args=[self.pk])
        else:
            name = f"wagtailsnippets_cms_{self.model._meta.model_name}:edit"
            path = reverse(name, args=[self.pk])
        return f"{settings.PUBLIC_URL}{path}"


def tell_editors(*, now: datetime) -> int:
    """Tell editors what has expired since they were last told; return how many rows that were."""
    ended = list(_untold())[:MOST_AT_ONCE]
    if not ended:
        return 0
    # What reached nobody is tried again by the next run.
    told = _send(_address_letters(ended))
    for model in {one.model for one in told}:
        rows = model.objects.filter(pk__in=[one.pk for one in told if one.model is model])
        rows.update(told_at=now)
    return len(told)


def _untold() -> Iterator[Ended]:
    for model in SWEPT:
        rows: Any = model
        # A draft that nobody has read anywhere misleads nobody.
        was_live = Q(live=True) | Q(first_published_at__isnull=False)
        ended = rows.objects.filter(was_live, has_expired=True, told_at=None)
        found = ended.exclude(expires=None)
        values = found.order_by("pk").values_list(
            "pk", "key", "locale__language_code", "expires", "live"
        )
        for pk, key, language, expires, live in values[:MOST_AT_ONCE]:
            kind = str(model._meta.verbose_name)
            yield Ended(model, pk, kind, key, language, expires, live)


def _address_letters(ended: list[Ended]) -> dict[User, list[Ended]]:
    everybody = list(User.objects.filter(groups__name=EDITORS, is_active=True).exclude(email=""))
    letters: dict[User, list[Ended]] = {}
    for one, writers in _with_writers(ended):
        for user in writers or everybody:
            letters.setdefault(user, []).append(one)
    return letters


def _with_writers(ended: Iterable[Ended]) -> Iterator[tuple[Ended, list[User]]]:
    by_model: dict[type[Any], list[Ended]] = {}
    for one in ended:
        by_model.setdefault(one.model, []).append(one)
    for model, rows in by_model.items():
        writers = _writers_of(model, [str(one.pk) for one in rows])
        for one in rows:
            yield one, writers.get(str(one.pk), [])


def _writers_of(model: type[Any], ids: list[str]) -> dict[str, list[User]]:
    kind = ContentType.objects.get_for_model(model)
    pairs = (
        Revision.objects.filter(content_type=kind, object_id__in=ids, user__is_active=True)
        .exclude(user__email="")
        .annotate(row=Cast("object_id", CharField()))
        .values_list("row", "user_id")
        .distinct()
        .order_by("row", "user_id")
    )
    found = list(pairs)
    people = User.objects.in_bulk({user for _row, user in found})
    writers: dict[str, list[User]] = {}
    for row, user in found:
        writers.setdefault(row, []).append(people[user])
    return writers


def _send(letters: dict[User, list[Ended]]) -> set[Ended]:
    """Send one letter to each person and return what was told; one that fails stops no other."""
    told: set[Ended] = set()
    connection = get_connection()
    for user, ended in letters.items():
        with translation.override(_language_of(user)):
            letter = _write(user, ended)
        letter.connection = connection
        try:
            if letter.send():
                told.update(ended)
        except (SMTPException, OSError) as error:
            # Its words could hold an address.
            logger.warning("A letter to an editor was not sent: %s", type(error).__name__)
    return told


def _language_of(user: User) -> str:
    profile = getattr(user, "wagtail_userprofile", None)
    return profile.get_preferred_language() if profile is not None else settings.LANGUAGE_CODE


def _write(user: User, ended: list[Ended]) -> EmailMessage:
    count = len(ended)
    subject = ngettext("%(count)s text has expired", "%(count)s texts have expired", count)
    lines = [_describe(one) for one in ended[:MOST_LINES]]
    if count > MOST_LINES:
        more = _("And %(count)s more: see the first page of the CMS.")
        lines.append(more % {"count": count - MOST_LINES})
    opening = _("These have reached their date. Check each at its source, then renew or remove it.")
    return EmailMessage(
        subject=f"Waymark: {subject % {'count': count}}",
        body="\n\n".join([opening, *lines]),
        to=[user.email],
    )


def _describe(one: Ended) -> str:
    words = (
        _("%(kind)s %(key)s (%(language)s) expired on %(day)s. Readers no longer see it.")
        if one.live
        else _("%(kind)s %(key)s (%(language)s) expired on %(day)s. It is taken down.")
    )
    values = {"kind": one.kind, "key": one.key, "language": one.language, "day": one.expires}
    return f"{words % values}\n{one.address}"
