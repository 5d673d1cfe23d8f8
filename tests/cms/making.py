"""Things that tests make without the starter pack: homes, messages, claims, recordings, other people."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from wagtail.models import Locale, Revision

from cms.models import Act, Claim, HomePage, MessagePage, Recording, Source, record
from cms.starter.pages import ensure_homes
from tests.cms.samples import make_opus, upload


def again(row: Any) -> Any:
    """Return a row as it stands in the database."""
    return type(row)._base_manager.get(pk=row.pk)


def make_home(language: str = "en") -> HomePage:
    """Return the home page of a language."""
    ensure_homes(list(dict.fromkeys(["en", language])))
    home: HomePage = HomePage.objects.get(locale__language_code=language)
    return home


def make_message(slug: str = "a-message", **fields: Any) -> MessagePage:
    """Return a new live message below the English home."""
    uses = {name: fields.pop(name) for name in ("facts", "claims", "stories") if name in fields}
    page = MessagePage(
        title="Ready for you",
        slug=slug,
        pattern="nudge",
        locale=Locale.objects.get_or_create(language_code="en")[0],
        expires=timezone.localdate() + timedelta(days=60),
        **fields,
    )
    for name, rows in uses.items():
        setattr(page, name, rows)
    make_home().add_child(instance=page)
    return page


def make_claim(key: str = "T-C1", **fields: Any) -> Claim:
    """Return a new live claim; `facts` are those that answer it."""
    facts = fields.pop("facts", [])
    claim = Claim(
        key=key,
        locale=Locale.objects.get_or_create(language_code="en")[0],
        statement="They say so.",
        answer="It is not so.",
        review_by=timezone.localdate() + timedelta(days=90),
        **fields,
    )
    claim.facts = facts
    claim.save()
    return claim


def make_source(key: str = "src-1") -> Source:
    """Return a new source."""
    source: Source = Source.objects.create(
        key=key, publisher="An office", title="A report", kind="un", mark="A", language="en"
    )
    return source


def make_recording(**fields: Any) -> Recording:
    """Return a recording whose speaker has agreed."""
    given = {"title": "x", "language": "en", "transcript": "Every word.", "voice_agreed": True}
    made = Recording(**{**given, **fields})
    made.file = upload(make_opus(), "a.opus")
    made.full_clean()
    made.save()
    return made


def save_draft(row: Any, by: User | None = None, **fields: Any) -> Revision:
    """Save a draft of what stands in the database, with some fields changed."""
    draft = again(row)
    for name, value in fields.items():
        setattr(draft, name, value)
    revision: Revision = draft.save_revision(user=by)
    return revision


def read(revision: Revision, by: User, *acts: Act) -> None:
    """Record that somebody has read a draft."""
    for act in acts or (Act.FACTS_READ,):
        record(revision.content_object, act, by=by, now=timezone.now(), revision=revision)


def publish(row: Any, by: User | None = None, **fields: Any) -> Any:
    """Put new words live by no person, as a loader does."""
    revision = save_draft(row, by, **fields)
    again(row).publish(revision)
    return again(row)
