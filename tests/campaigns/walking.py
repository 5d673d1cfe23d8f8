"""What the walk goes along: every address of the desk and of reach, and one of everything of a partner."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User

from analytics.urls import urlpatterns as reach_patterns
from campaigns.models import Campaign, Membership, OutreachSession, PreparedAnswer, Question
from campaigns.partners.inviting import Place, invite
from campaigns.staff import STAFF
from campaigns.urls import urlpatterns as desk_patterns
from tests.campaigns import factories
from tests.campaigns.factories import Team, now
from tests.campaigns.listing import bring

_PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")
# What stands in the addresses of the house, which belong to no partner.
_ANY = {"int": 1, "str": "TN", "slug": "tn"}


@dataclass(frozen=True, slots=True)
class Address:
    """Hold one address as its pattern is written, e.g. desk/imports/<str:code>/."""

    name: str
    route: str

    @property
    def has_object(self) -> bool:
        """Say whether it names something."""
        return bool(_PARAMETER.search(self.route))

    def begins_with(self, prefix: str) -> bool:
        """Say whether it names what this prefix names, or something below it."""
        return self.route.startswith(prefix)

    def fill(self, *values: Any) -> str:
        """Return the address of these things; what they do not fill is filled with anything."""
        given = iter(values)
        return "/" + _PARAMETER.sub(lambda m: str(next(given, _ANY[m[1] or "str"])), self.route)


def list_addresses() -> list[Address]:
    """Return every address of the desk and of reach."""
    places = (("desk/", desk_patterns), ("reach/", reach_patterns))
    return [
        Address(str(one.name), f"{place}{one.pattern}")
        for place, patterns in places
        for one in patterns
    ]


@dataclass(frozen=True)
class Shop:
    """Hold one of everything that a partner has, by the prefix of the addresses that name it."""

    team: Team
    objects: dict[str, tuple[Any, ...]]
    # What nobody else may read on any page.
    marks: tuple[str, ...]

    def find(self, address: Address) -> str | None:
        """Return an address with this partner's thing in it; None where it names none of a partner."""
        fitting = [prefix for prefix in self.objects if address.begins_with(prefix)]
        if not fitting:
            return None
        return address.fill(*self.objects[max(fitting, key=len)])


def make_shop(team: Team) -> Shop:
    """Make one of everything of a partner."""
    sheet, partner = bring(team), team.partner
    campaign = Campaign.objects.create(
        partner=partner,
        name="Autumn on the coast",
        routes=["cmed"],
        starts_on=now().date(),
        ends_on=now().date() + timedelta(days=30),
    )
    segment = factories.make_segment(partner, name="Those of the harbour", is_saved=True)
    broadcast = factories.make_broadcast(team, segment=segment, campaign=campaign)
    field, marks = _make_field_work(team)
    place = Place(partner=partner, role="analyst")
    invitation = invite("somebody.new@example.org", place=place, by=team.approver, now=now())
    membership = Membership.objects.get(user=team.second)
    return Shop(
        team=team,
        objects={
            "desk/broadcasts/<str:code>/": (broadcast.code,),
            "desk/imports/<str:code>/": (sheet.code,),
            "desk/imports/sheet/<int:partner>.<str:form>": (partner.pk, "csv"),
            "desk/partners/<int:pk>/": (partner.pk,),
            "desk/partners/<int:pk>/people/": (partner.pk, membership.pk),
            "desk/partners/<int:pk>/invitations/": (partner.pk, invitation.pk),
            "desk/campaigns/<int:pk>/": (campaign.pk,),
            "desk/recalls/<str:code>/": (broadcast.code,),
            "desk/segments/<int:pk>/": (segment.pk,),
            "desk/audit/<str:kind>/<str:code>/": ("import", sheet.code),
            "reach/<slug:code>/": (broadcast.code,),
            **field,
        },
        marks=(
            broadcast.code,
            sheet.code,
            partner.name,
            campaign.name,
            segment.name,
            team.analyst.email,
            *marks,
        ),
    )


def _make_field_work(team: Team) -> tuple[dict[str, tuple[Any, ...]], tuple[str, ...]]:
    question = Question.objects.create(
        inbound=uuid.uuid4(),
        channel="sms",
        country="TN",
        language="en",
        received_at=now(),
        partner=team.partner,
    )
    answer = PreparedAnswer.objects.create(
        partner=team.partner, title="Where the office is", language="en", text="By the station."
    )
    session = OutreachSession.objects.create(
        partner=team.partner,
        author=team.scheduler,
        country="TN",
        held_on=now().date(),
        form_token=f"session-{team.partner.pk}",
        made_at=now(),
    )
    objects: dict[str, tuple[Any, ...]] = {
        "desk/inbox/<str:code>/": (question.code,),
        "desk/inbox/answers/<int:pk>/": (answer.pk,),
        "desk/sessions/<str:code>/": (session.code,),
    }
    return objects, (question.code, session.code, answer.title)


def make_staff() -> Iterator[User]:
    """Make one person in each group of staff; none works for a partner."""
    for name in STAFF:
        user = factories.make_user("staff")
        user.groups.add(Group.objects.get_or_create(name=name)[0])
        yield user


def read_all(answer: Any) -> str:
    """Return a page, or a file, as text."""
    held: bytes = b"".join(answer) if answer.streaming else answer.content
    return held.decode("utf-8", "replace")
