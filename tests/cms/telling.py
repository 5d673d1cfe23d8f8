"""Stories and alerts that several tests share."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Locale

from cms.models import Alert, Route, Story, StoryConsent

SCOPES = ["web", "messages", "audio"]


def make_consent(reference: str = "P-17", **fields: Any) -> StoryConsent:
    """Return an adult's written yes to everything."""
    given = {"scope": SCOPES, "of_age": True, **fields}
    made: StoryConsent = StoryConsent.objects.create(
        reference=reference, given_on="2026-10-01", how="written", wording="Read out.", **given
    )
    return made


def tell_story(*, today: date, key: str = "CM-S1", route: str = "cmed", **fields: Any) -> Story:
    """Return a live story of a route."""
    fields.setdefault("consent", None)
    consent = fields.pop("consent") or make_consent(f"P-{key}")
    story = Story(
        key=key,
        consent=consent,
        locale=Locale.objects.get(language_code="en"),
        review_by=today + timedelta(days=90),
        **{"title": "The first night", "told_as": "Mariam", "statement": "I waited.", **fields},
    )
    story.routes = [Route.objects.get(code=route)]
    story.save()
    story.save_revision().publish()
    story.refresh_from_db()
    return story


def translate_story(story: Story, language: str, **texts: Any) -> Story:
    """Return a live translation of a story."""
    copy: Story = story.copy_for_translation(Locale.objects.get(language_code=language))
    for name, text in texts.items():
        setattr(copy, name, text)
    copy.save()
    copy.save_revision().publish()
    return Story.objects.get(pk=copy.pk)


def warn(*, today: date, days: int = 7, key: str = "AL-1", **fields: Any) -> Alert:
    """Return a live alert that began today, for a route if one is named."""
    routes = Route.objects.filter(code=fields.pop("route", ""))
    alert = Alert(
        key=key,
        locale=Locale.objects.get(language_code="en"),
        begins=today,
        expires=today + timedelta(days=days),
        **{"title": "Port closed", "statement": "No boat leaves.", **fields},
    )
    alert.routes = list(routes)
    alert.full_clean(exclude=["review_by"])
    alert.save()
    alert.current_as_of = timezone.now()
    return alert
