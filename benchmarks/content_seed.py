"""Fill a database with much content in eight languages, and measure the first page of the CMS on it.

`python -m benchmarks.content_seed` does both in the data folder that WAYMARK_DATA_DIR names, which
should be an empty one of its own, and prints the figures as JSON.
"""

import json
import os
import random
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Max  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Locale, Page  # noqa: E402

from cms.models import (  # noqa: E402
    Claim,
    ContactPoint,
    Fact,
    HarmClass,
    HomePage,
    MessagePage,
    Pathway,
    Route,
    TestResult,
    TranslationState,
)
from cms.starter.pages import ensure_homes  # noqa: E402
from tests.harness.signing_in import sign_in_with_factor  # noqa: E402

LANGUAGES = ("en", "fr", "ar", "es", "so", "ha", "am", "ti")
ROUTES = 13
ROWS_AT_ONCE = 2_000
MEASURED = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How many originals of each kind; every one of them is there in every language."""

    facts: int = 5_000
    messages: int = 2_000
    contacts: int = 300
    pathways: int = 100
    claims: int = 200


def seed(size: Size, *, now: datetime, languages: Sequence[str] = LANGUAGES) -> None:
    """Write the content; a few in a hundred are late, due, changed or cannot be reached."""
    written = Fact.objects.count() + Page.objects.count()
    chance = random.Random(written)
    with transaction.atomic():
        ensure_homes(list(languages))
        locales = [Locale.objects.get(language_code=code) for code in languages]
        routes = [
            Route.objects.get_or_create(code=f"r{number}", defaults={"name": f"Route {number}"})[0]
            for number in range(ROUTES)
        ]
        maker = _Maker(chance, now, locales, first=written + 1)
        facts = maker.write_entries(Fact, size.facts, kind="figure")
        contacts = maker.write_entries(ContactPoint, size.contacts, kind="hotline_info")
        pathways = maker.write_entries(Pathway, size.pathways, kind="study_training")
        claims = maker.write_entries(Claim, size.claims)
        messages = maker.write_messages(size.messages)
        for model, rows in ((Fact, facts), (ContactPoint, contacts), (MessagePage, messages)):
            maker.link(model, "routes", rows, [route.pk for route in routes], most=2)
        for model, rows in ((Pathway, pathways), (Claim, claims), (MessagePage, messages)):
            maker.link(model, "facts", rows, facts, most=3)
            maker.link(model, "contact_points", rows, contacts, most=2)
        maker.link(MessagePage, "claims", messages, claims, most=1)
        maker.link(MessagePage, "pathways", messages, pathways, most=1)
    connection.cursor().execute("ANALYZE")


class _Maker:
    """Writes rows by the thousand; the ids it returns are those of originals."""

    def __init__(
        self, chance: random.Random, now: datetime, locales: Sequence[Locale], *, first: int
    ) -> None:
        self.chance, self.now, self.locales = chance, now, locales
        self.today = now.date()
        self.numbers = count(first)

    def write_entries(self, model: Any, wanted: int, **fields: Any) -> list[int]:
        before = _last(model)
        texts = {name: "Words of a text" for name in ("name", "answer") if hasattr(model, name)}
        rows = (
            model(
                key=f"{model.__name__[0]}{number}",
                statement=f"Statement {number}: a text of the length that such texts have, or so.",
                review_by=day,
                **self._draw_test(model),
                **standing,
                **texts,
                **fields,
            )
            for number, standing, day in self._draw(wanted)
        )
        for some in _batch(rows):
            model.objects.bulk_create(some, batch_size=ROWS_AT_ONCE)
        return _originals(model, after=before)

    def write_messages(self, wanted: int) -> list[int]:
        before = _last(MessagePage)
        homes = {home.locale_id: home for home in HomePage.objects.all()}
        used = {pk: home.numchild for pk, home in homes.items()}
        kind = ContentType.objects.get_for_model(MessagePage)
        for some in _batch(self._draw(wanted)):
            rows = []
            for number, standing, day in some:
                home = homes[standing["locale"].pk]
                used[home.locale_id] += 1
                row = _make_message(number, standing, day, home=home)
                row.path = Page._get_path(home.path, home.depth + 1, used[home.locale_id])
                row.depth, row.numchild, row.content_type = home.depth + 1, 0, kind
                rows.append(row)
            _insert_pages(rows)
        for home in homes.values():
            Page.objects.filter(pk=home.pk).update(numchild=used[home.locale_id])
        return _originals(MessagePage, after=before)

    def link(
        self, model: Any, name: str, rows: Sequence[int], targets: Sequence[int], *, most: int
    ) -> None:
        through = getattr(model, name).through
        field = model._meta.get_field(name)
        here, there = field.m2m_column_name(), field.m2m_reverse_name()
        made = (
            through(**{here: row, there: target})
            for row in rows
            for target in self.chance.sample(targets, min(most, len(targets)))
        )
        for some in _batch(made):
            through.objects.bulk_create(some)

    def _draw(self, wanted: int) -> Iterator[tuple[int, dict[str, Any], date]]:
        """Give number, standing and date of every language of so many things, original first."""
        for number in (next(self.numbers) for _ in range(wanted)):
            key, day = uuid.UUID(int=self.chance.getrandbits(128)), self._draw_day()
            harm = self.chance.choices(HarmClass.values, (3, 5, 2))[0]
            written = self.now - timedelta(days=self.chance.randint(10, 60))
            changed = self.now - timedelta(days=1) if self.chance.random() < 0.01 else None
            for place, locale in enumerate(self.locales):
                state = TranslationState.REVIEWED if place else TranslationState.ORIGINAL
                standing = {
                    "translation_key": key,
                    "locale": locale,
                    "harm_class": harm,
                    "translation_state": state,
                    "current_as_of": written if place or changed is None else changed,
                    "changed_at": None if place else changed,
                }
                yield number, standing, day

    def _draw_day(self) -> date:
        low, high = self.chance.choices(((-20, 0), (1, 7), (8, 300)), (3, 4, 93))[0]
        return self.today + timedelta(days=self.chance.randint(low, high))

    def _draw_test(self, model: Any) -> dict[str, Any]:
        if model is not ContactPoint:
            return {}
        result = self.chance.choices(TestResult.values, (5, 85, 5, 5))[0]
        tested = self.today - timedelta(days=self.chance.randint(0, 33))
        return {"result": result, "last_tested_on": tested}


def _batch(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while some := list(islice(left, ROWS_AT_ONCE)):
        yield some


def _make_message(number: int, standing: dict[str, Any], day: date, *, home: Page) -> MessagePage:
    slug = f"message-{number}"
    return MessagePage(
        title=f"Message {number}",
        draft_title=f"Message {number}",
        slug=slug,
        url_path=f"{home.url_path}{slug}/",
        key=f"M{number}",
        code=f"{number:x}m{home.locale_id:x}",
        pattern="nudge",
        sms_text="Words of a text.",
        expires=day,
        **standing,
    )


def _insert_pages(rows: Sequence[MessagePage]) -> None:
    """Insert pages in bulk: Django refuses to where a table stands on another one."""
    names = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    pages = [Page(**{name: getattr(row, name) for name in names}) for row in rows]
    for row, page in zip(rows, Page.objects.bulk_create(pages), strict=True):
        row.page_ptr_id = page.pk
    fields = MessagePage._meta.local_concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(MessagePage._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - our own names
            [
                [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
                for row in rows
            ],
        )


def _last(model: Any) -> int:
    return model.objects.aggregate(last=Max("pk"))["last"] or 0


def _originals(model: Any, *, after: int) -> list[int]:
    found = model.objects.filter(translation_state=TranslationState.ORIGINAL, pk__gt=after)
    return list(found.values_list("pk", flat=True))


def measure_home(user: User) -> dict[str, float]:
    """Return seconds (the median of a few) and queries of the first page of the CMS."""
    client = Client()
    sign_in_with_factor(client, user, "allauth.account.auth_backends.AuthenticationBackend")
    client.get("/cms/")
    taken: list[float] = []
    asked = 0
    for _turn in range(MEASURED):
        started = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/cms/")
        taken.append(time.perf_counter() - started)
        asked = len(queries)
        assert response.status_code == 200
    return {"CMS home": sorted(taken)[MEASURED // 2], "CMS home queries": float(asked)}


def main() -> None:
    """Seed an empty data folder and print what was measured."""
    call_command("migrate", verbosity=0)
    if Fact.objects.exists():
        sys.exit("There is content already: name an empty folder in WAYMARK_DATA_DIR.")
    seed(Size(), now=timezone.now())
    user = User.objects.create_superuser("bench", "bench@waymark.example", str(uuid.uuid4()))
    print(json.dumps(measure_home(user)))


if __name__ == "__main__":
    main()
