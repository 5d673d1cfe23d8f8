"""The page for helpers, its worker and its answers: who may, and what stands in it."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging.consenting.wordings import current
from messaging.models import SignUp
from tests.campaigns.factories import Team, join, make_team, make_user
from tests.campaigns.reading_site import NUMBER, make_sender, make_site, open_country
from tests.campaigns.test_assisting import shut
from tests.cms.making import make_recording

PAGE, SEND = "/desk/assist/", "/desk/assist/send/"
SignIn = Callable[[User], Client]


@pytest.fixture
def house(page_root: None) -> Team:
    make_site("ar")
    open_country("SN")
    make_sender()
    return make_team()


def send(client: Client, uid: uuid.UUID, box: Any, **more: Any) -> Any:
    body = {"uid": uid.hex, "box": box, "age": 1000} | more
    return client.post(SEND, json.dumps(body), content_type="application/json")


def data_of(response: Any) -> dict[str, Any]:
    found = re.search(r'<script id="assist-data"[^>]*>(.*?)</script>', response.content.decode())
    assert found
    held: dict[str, Any] = json.loads(found[1])
    return held


def test_page_holds_all_it_needs_with_no_network(house: Team, sign_in: SignIn) -> None:
    held = data_of(sign_in(house.scheduler).get(PAGE))
    arabic = next(one for one in held["languages"] if one["code"] == "ar")
    assert arabic["messages"] == {"ref": "messages-1.ar", "text": current("messages", "ar").text}
    assert (arabic["direction"], arabic["draft"], arabic["voice"]) == ("rtl", True, "")
    assert held["countries"] == [["SN", "Senegal", "221"]]
    assert held["routes"] == [["cmed", "A way", "en"]]
    assert set(held["lock"]) == {"key", "point"}


def test_page_that_is_kept_names_nobody_and_holds_no_token(house: Team, sign_in: SignIn) -> None:
    response = sign_in(house.scheduler).get(PAGE)
    text = response.content.decode()
    assert house.scheduler.email not in text
    assert "csrf" not in text.lower()
    assert "csrftoken" not in response.cookies
    assert not re.findall(r"<script>|\son\w+=|style=", text)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]


def test_worker_reaches_this_page_only(house: Team, sign_in: SignIn) -> None:
    response = sign_in(house.scheduler).get("/desk/assist/worker.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in response


def test_who_is_signed_out_is_told_so_by_every_answer(house: Team) -> None:
    stranger = Client()
    assert stranger.get(PAGE).status_code == 302
    for response in (stranger.get("/desk/assist/token/"), send(stranger, uuid.uuid4(), {})):
        assert response.status_code == 401
        assert response.json() == {"state": "signed_out"}


def test_only_who_plans_or_approves_may_help(house: Team, sign_in: SignIn) -> None:
    for user in (house.analyst, make_user("nobody")):
        client = sign_in(user)
        assert client.get(PAGE).status_code == 403
        assert client.get("/desk/assist/token/").status_code == 403
        uid = uuid.uuid4()
        assert send(client, uid, shut(uid)).status_code == 403
    assert not SignUp.objects.exists()
    for user in (house.scheduler, house.approver):
        assert sign_in(user).get(PAGE).status_code == 200


def test_record_needs_the_token(house: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        house.scheduler, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    uid = uuid.uuid4()
    assert send(client, uid, shut(uid)).status_code == 403
    token = client.get("/desk/assist/token/").json()["token"]
    body = json.dumps({"uid": uid.hex, "box": shut(uid), "age": 0})
    taken = client.post(SEND, body, content_type="application/json", headers={"x-csrftoken": token})
    assert taken.json() == {"state": "taken"}
    assert SignUp.objects.count() == 1


def test_record_sent_twice_is_taken_once(house: Team, sign_in: SignIn) -> None:
    client, uid = sign_in(house.scheduler), uuid.uuid4()
    box = shut(uid)
    answers = [send(client, uid, box) for _time in range(2)]
    assert [answer.json() for answer in answers] == [{"state": "taken"}] * 2
    assert SignUp.objects.count() == 1


def test_record_over_a_limit_is_told_to_wait(house: Team, sign_in: SignIn, settings: Any) -> None:
    settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {"all_day": 0}
    uid = uuid.uuid4()
    response = send(sign_in(house.scheduler), uid, shut(uid))
    assert (response.status_code, response.json()) == (429, {"state": "waits"})
    assert not SignUp.objects.exists()


def test_refusal_says_why_and_no_number(house: Team, sign_in: SignIn) -> None:
    uid = uuid.uuid4()
    response = send(sign_in(house.scheduler), uid, shut(uid, country="LY"))
    assert response.status_code == 422
    assert response.json()["state"] == "refused"
    assert "country" in response.json()["why"]
    assert NUMBER not in response.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "{}", "1", '{"uid": "x"}', '{"uid": 1, "box": 2, "age": 3}', "x" * 20_000),
        f'{{"uid": "{uuid.UUID(int=7).hex}", "box": {{}}, "age": Infinity}}',
        "[" * 16_000,
    ],
)
def test_junk_is_refused(house: Team, sign_in: SignIn, body: str) -> None:
    response = sign_in(house.scheduler).post(SEND, body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["state"] == "refused"


def test_consent_can_be_heard_by_helpers_only(house: Team, sign_in: SignIn) -> None:
    make_recording(language="ar", transcript=current("messages", "ar").text)
    client = sign_in(house.scheduler)
    arabic = next(one for one in data_of(client.get(PAGE))["languages"] if one["code"] == "ar")
    assert arabic["voice"] == "/desk/assist/voice/messages-1.ar/"
    heard = client.get(arabic["voice"])
    assert heard.status_code == 200
    assert heard["Content-Type"].startswith("audio/")
    assert sign_in(house.analyst).get(arabic["voice"]).status_code == 404
    assert client.get("/desk/assist/voice/messages-1.en/").status_code == 404
    assert Client().get(arabic["voice"]).status_code == 302


def test_person_of_two_partners_may_help(house: Team, sign_in: SignIn) -> None:
    other = make_team("Another")
    join(house.analyst, other.partner, "approver")  # type: ignore[arg-type]
    assert sign_in(house.analyst).get(PAGE).status_code == 200
