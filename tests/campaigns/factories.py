"""Builders for these tests: a partner and its people, a published message, and fictional subscribers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from wagtail.models import Locale, Page

from campaigns.approval import approving
from campaigns.going_out import scheduling
from campaigns.models import Approval, Broadcast, Membership, Partner, Price, Segment
from campaigns.models.segments import topic_of
from cms.models import (
    ContactKind,
    ContactPoint,
    HomePage,
    MessagePage,
    Pattern,
    Route,
    Sensitivity,
)
from locales.countries import get_country
from messaging.consenting import consent
from messaging.models import ConsentEntry, Sender, Subscriber
from messaging.numbers import make_fiction

_serial = count(1)
Role = Membership.Role


def now() -> datetime:
    """Return this moment: the desk reads the clock itself."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Team:
    """A partner with one person in each role, and a second one who approves."""

    partner: Partner
    scheduler: User
    approver: User
    analyst: User
    second: User


def make_user(name: str) -> User:
    email = f"{name}-{next(_serial)}@example.org"
    return User.objects.create_user(username=email, email=email, password=None)


def join(user: User, partner: Partner, role: Role) -> None:
    Membership.objects.create(user=user, partner=partner, role=role)


def make_team(name: str = "Red Crescent") -> Team:
    partner = Partner.objects.create(name=name)
    people = {role: make_user(str(role)) for role in Role}
    for role, user in people.items():
        join(user, partner, role)
    second = make_user("second")
    join(second, partner, Role.APPROVER)
    return Team(
        partner, people[Role.SCHEDULER], people[Role.APPROVER], people[Role.ANALYST], second
    )


def make_route(code: str = "cmed") -> Route:
    route: Route = Route.objects.get_or_create(
        code=code, defaults={"name": code.upper(), "demo": True, "confidence": "C"}
    )[0]
    return route


def make_message(**changes: Any) -> MessagePage:
    """Publish a message in English that may go out for a month."""
    fields: dict[str, Any] = {
        "title": f"Ask before you pay {next(_serial)}",
        "pattern": Pattern.NUDGE,
        "sensitivity": Sensitivity.PUSH_OK,
        "expires": (now() + timedelta(days=30)).date(),
        "sms_text": "News you asked for: {link} STOP ends it.",
        "whatsapp_text": "Here are the news you asked for: {link} Reply STOP to end.",
    }
    page = MessagePage(**(fields | changes), live=False, locale=_english())
    _home().add_child(instance=page)
    page.save_revision().publish()
    published: MessagePage = MessagePage.objects.get(pk=page.pk)
    return published


def publish_again(page: MessagePage, **changes: Any) -> None:
    """Let an editor change a message and publish it."""
    fresh = MessagePage.objects.get(pk=page.pk)
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save_revision().publish()


def make_senders() -> None:
    for channel in ("sms", "whatsapp"):
        Sender.objects.create(
            name=channel,
            channel=channel,
            provider="memory",
            address="+9990000001",
            parts_per_second=10,
        )


def subscribe(
    number: int, *, country: str = "TN", channel: str = "sms", language: str = "en"
) -> list[Subscriber]:
    """Let fictional people ask for the Central Mediterranean route."""
    code = get_country(country).calling_code
    return [
        subscribe_number(
            make_fiction(code, next(_serial)), country=country, channel=channel, language=language
        )
        for _number in range(number)
    ]


def subscribe_number(
    number: str, *, country: str = "TN", channel: str = "sms", language: str = "en"
) -> Subscriber:
    """Let somebody with a fictional number ask for it."""
    return consent.grant(
        consent.Joining(
            channel=channel,
            number=number,
            language=language,
            country=country,
            topics=(topic_of("cmed"),),
            method=ConsentEntry.Method.REHEARSAL,
            wording="test-1",
        ),
        now=now(),
    )


def subscribe_again(person: Subscriber, *, channel: str) -> Subscriber:
    """Let somebody who is subscribed already join on another channel too."""
    return consent.grant(
        consent.Joining(
            channel=channel,
            number=consent.open_number(person.uid, bytes(person.number_sealed), purpose="sending"),
            language=person.language,
            country=person.country,
            topics=(topic_of("cmed"),),
            method=ConsentEntry.Method.REHEARSAL,
            wording="test-1",
        ),
        now=now(),
    )


def make_price(country: str = "TN", amount: str = "0.1000", channel: str = "sms") -> Price:
    return Price.objects.create(
        channel=channel,
        country=country,
        amount=amount,
        valid_from=now().date() - timedelta(days=1),
        source="test",
        example=True,
    )


def make_segment(partner: Partner, **changes: Any) -> Segment:
    rule = {"name": f"segment {next(_serial)}", "routes": ["cmed"], "channels": ["sms", "whatsapp"]}
    return Segment.objects.create(partner=partner, **(rule | changes))


def make_broadcast(team: Team, **changes: Any) -> Broadcast:
    """Make a draft without texts, as the form leaves it when the provider cannot be asked."""
    fields: dict[str, Any] = {
        "partner": team.partner,
        "author": team.scheduler,
        "at_once": True,
        "in_quiet_hours": True,
        "send_at": now(),
        "created_at": now(),
        "form_token": f"token-{next(_serial)}",
    }
    fields |= changes
    fields.setdefault("message", None)
    fields["message"] = fields["message"] or make_message()
    fields.setdefault("segment", None)
    fields["segment"] = fields["segment"] or make_segment(team.partner)
    return Broadcast.objects.create(**fields)


def make_contact(key: str = "K-1", **changes: Any) -> ContactPoint:
    """Make a contact point in Tunisia that holds true for a month."""
    fields: dict[str, Any] = {
        "kind": ContactKind.HOTLINE_INFO,
        "name": f"Line {key}",
        "number": "1000",
        "reach_from": ["TN"],
        "statement": "Answers questions.",
        "review_by": (now() + timedelta(days=30)).date(),
    }
    return ContactPoint.objects.create(key=key, locale=_english(), **(fields | changes))


def approve(team: Team, broadcast: Broadcast, *, at: datetime) -> Approval:
    """Ask for approval and give it, as two people do, or three where the rule wants them."""
    approving.ask_approval(broadcast, now=at)
    return give_approval(team, broadcast, at=at)


def give_approval(team: Team, broadcast: Broadcast, *, at: datetime) -> Approval:
    """Let as many people approve what is asked as have to, and return what the last one said."""
    people = approving.take_snapshot(broadcast, now=at).estimate.people
    needed = approving.read_quorum(broadcast, people=people).needed
    given = []
    for person in (team.approver, team.second)[:needed]:
        shown = approving.take_snapshot(broadcast, now=at).shown
        given.append(approving.approve(broadcast, person, shown=shown, now=at))
    return given[-1]


def tick(at: datetime) -> int:
    """Do what the campaign's clock does and return how many broadcasts were launched."""
    scheduling.fire_due(now=at)
    return scheduling.launch_waiting(now=at)


def _english() -> Locale:
    return Locale.objects.get_or_create(language_code="en")[0]


def _home() -> HomePage:
    home: HomePage | None = HomePage.objects.first()
    if home is None:
        home = HomePage(title="Information", slug="information", locale=_english())
        Page.get_first_root_node().add_child(instance=home)
    return home
