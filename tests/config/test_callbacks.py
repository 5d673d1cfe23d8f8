"""Callbacks go straight to their view: no session, no language, and the same answers as before."""

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
INBOUND = "/hooks/twilio/inbound/"


def test_forged_callback_passes_no_middleware_that_is_for_people(
    client: Client, settings: Settings
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.config.test_callbacks.refuse_all"]

    assert client.post(INBOUND, {"Body": "STOP"}).status_code == 403
    with pytest.raises(AssertionError, match="passed"):
        client.get("/healthz")


def test_callback_answers_keep_what_protects_them(client: Client) -> None:
    answer = client.post(INBOUND)

    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == "0"
    assert not answer.cookies


def test_unknown_callback_address_is_not_found(client: Client) -> None:
    assert client.post("/hooks/nobody/").status_code == 404


def test_callback_that_is_asked_for_is_refused(client: Client) -> None:
    assert client.get(INBOUND).status_code == 405


def refuse_all(_get_response: object) -> object:
    """Return a middleware that lets nothing pass."""

    def refuse(_request: object) -> None:
        raise AssertionError("passed")

    return refuse
