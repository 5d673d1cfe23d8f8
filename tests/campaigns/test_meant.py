"""Meant for: a message goes only to the people for whom it was written and checked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.models import Broadcast
from cms.models import Leg, LegRole, MessagePage
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.test_desk_preparing import PATH, fill

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
State = Broadcast.State


def make_meant(*countries: str, routes: tuple[str, ...] = ()) -> MessagePage:
    """Publish a message for people in some countries and on some routes."""
    page = factories.make_message(audience_countries=list(countries))
    page.routes.set([factories.make_route(code) for code in routes])
    page.save_revision().publish()
    fresh: MessagePage = MessagePage.objects.get(pk=page.pk)
    return fresh


def make_legs(*legs: tuple[str, LegRole]) -> None:
    """Let the Central Mediterranean route lead through some countries."""
    route = factories.make_route()
    for number, (country, role) in enumerate(legs):
        Leg.objects.create(route=route, country=country, role=role, sort_order=number)


def codes(team: Team, message: MessagePage, **rule: Any) -> set[str]:
    segment = factories.make_segment(team.partner, **rule)
    draft = factories.make_broadcast(team, message=message, segment=segment)
    return {hold.code for hold in approving.find_holds(draft, now=factories.now())}


def test_form_refuses_a_country_that_the_message_is_not_meant_for(
    team: Team, sign_in: SignIn
) -> None:
    page = make_meant("NE")
    answer = sign_in(team.scheduler).post(PATH, fill(team, message=page.pk, countries=["LY"]))
    assert answer.status_code == 422
    assert "Libya" in str(answer.context["form"].errors["message"])
    assert not Broadcast.objects.exists()


def test_form_refuses_a_saved_audience_that_the_message_is_not_meant_for(
    team: Team, sign_in: SignIn
) -> None:
    page = make_meant("NE")
    saved = factories.make_segment(team.partner, countries=["LY", "NE"], is_saved=True)
    answer = sign_in(team.scheduler).post(PATH, fill(team, message=page.pk, saved=saved.pk))
    assert answer.status_code == 422
    assert "message" in answer.context["form"].errors


def test_form_without_a_country_goes_to_whom_the_message_is_meant_for(
    team: Team, sign_in: SignIn
) -> None:
    team.partner.countries = ["LY", "NE"]
    team.partner.save()
    sign_in(team.scheduler).post(PATH, fill(team, message=make_meant("NE", "TN").pk))
    assert Broadcast.objects.get().segment.countries == ["NE"]


def test_form_refuses_a_message_for_none_of_the_partners_countries(
    team: Team, sign_in: SignIn
) -> None:
    team.partner.countries = ["LY"]
    team.partner.save()
    answer = sign_in(team.scheduler).post(PATH, fill(team, message=make_meant("NE").pk))
    assert answer.status_code == 422
    assert "Libya" in str(answer.context["form"].errors["message"])


def test_asking_is_refused_for_a_country_it_is_not_meant_for(team: Team) -> None:
    segment = factories.make_segment(team.partner, countries=["LY"])
    draft = factories.make_broadcast(team, message=make_meant("NE"), segment=segment)
    with pytest.raises(ApprovalError, match="Libya"):
        approving.ask_approval(draft, now=factories.now())


def test_what_is_no_longer_meant_for_a_country_is_held_at_launch(team: Team) -> None:
    moment = factories.now() + timedelta(hours=1)
    page, segment = make_meant("TN"), factories.make_segment(team.partner, countries=["TN"])
    broadcast = factories.make_broadcast(
        team, message=page, segment=segment, at_once=False, send_at=moment
    )
    factories.approve(team, broadcast, at=factories.now())
    MessagePage.objects.filter(pk=page.pk).update(audience_countries=["NE"])
    factories.tick(moment + timedelta(minutes=1))
    broadcast.refresh_from_db()
    assert broadcast.state == State.HELD
    assert [hold["code"] for hold in broadcast.held_by] == ["meant_countries"]
    assert not Batch.objects.exists()


def test_routes_of_the_audience_have_to_be_those_of_the_message(team: Team) -> None:
    factories.make_route("wmed")
    page = make_meant(routes=("cmed",))
    assert "meant_routes" in codes(team, page, routes=["cmed", "wmed"])
    assert "meant_routes" not in codes(team, page, routes=["cmed"])


def test_message_of_a_route_is_meant_for_where_its_people_leave_and_pass(team: Team) -> None:
    make_legs(("NE", LegRole.ORIGIN), ("LY", LegRole.TRANSIT), ("IT", LegRole.DESTINATION))
    page = make_meant(routes=("cmed",))
    assert "meant_countries" not in codes(team, page, countries=["LY", "NE"])
    assert "meant_countries" in codes(team, page, countries=["IT"])


def test_rule_without_countries_is_judged_by_where_its_people_are(team: Team) -> None:
    page = make_meant("TN")
    assert "meant_countries" not in codes(team, page)  # twelve people in Tunisia
    factories.subscribe(1, country="LY")
    assert "meant_countries" in codes(team, page)


def test_message_that_names_nothing_is_for_everybody(team: Team) -> None:
    assert not codes(team, make_meant(), countries=["LY"]) & {"meant_countries", "meant_routes"}


def test_correction_goes_to_whoever_was_told(team: Team) -> None:
    told = factories.make_broadcast(team, state=State.LAUNCHED)
    segment = factories.make_segment(team.partner, countries=["LY"])
    draft = factories.make_broadcast(team, message=make_meant("NE"), segment=segment, corrects=told)
    assert "meant_countries" not in {
        hold.code for hold in approving.find_holds(draft, now=factories.now())
    }
