"""Double clicks: twenty posts of one form at the same moment make one broadcast, one question, one yes."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.approval.snapshots import take_snapshot
from campaigns.models import Approval, AuditEntry, Broadcast
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.test_desk_preparing import PATH, fill

CLICKS = 20
SignIn = Callable[[User], Client]
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def click(client: Client, path: str, form: dict[str, object]) -> Counter[int]:
    """Post one form from as many windows at once, and count the answers by status."""
    start = threading.Barrier(CLICKS)

    def post() -> int:
        window = Client()
        window.cookies = client.cookies
        start.wait(60)
        try:
            return window.post(path, form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        return Counter(one.result(120) for one in [pool.submit(post) for _ in range(CLICKS)])


def test_twenty_clicks_make_one_broadcast_one_question_and_one_yes(
    team: Team, sign_in: SignIn
) -> None:
    author = sign_in(team.scheduler)
    assert click(author, PATH, fill(team)) == {302: CLICKS}
    broadcast = Broadcast.objects.get()
    assert broadcast.editions.count() == len(
        set(broadcast.editions.values_list("channel", "language"))
    )

    assert click(author, reverse("desk_ask", args=[broadcast.code]), {}) == {302: CLICKS}
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.ASKED
    assert AuditEntry.objects.filter(object_code=broadcast.code, verb="asked").count() == 1

    shown = take_snapshot(broadcast, now=factories.now()).shown
    approver = sign_in(team.approver)
    click(approver, reverse("desk_approve", args=[broadcast.code]), {"shown": shown})
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.APPROVED
    assert Approval.objects.count() == 1
