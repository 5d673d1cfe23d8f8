"""A lost password: a letter with an address that is good once and for a while, and tells nothing."""

import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from config import lost_passwords
from config.entrance import RESET_WITHIN
from tests.config.signing import SECOND_STEP, give_password, is_in, make_person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still", "page_root")]
RESET = "/accounts/reset/"
NEW = "nine brown otters swim"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Let no other test have used up the letters."""
    cache.clear()
    yield
    cache.clear()


def ask(client: Client, email: str, **more: Any) -> Any:
    """Ask for a letter, and wait until it has gone."""
    answer = client.post(RESET, {"email": email}, **more)
    for thread in threading.enumerate():
        if thread.name == lost_passwords.THREAD:
            thread.join(30)
    return answer


def read_address() -> str:
    """Return the path that the last letter holds."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def read_pages(client: Client, *answers: Any) -> list[str]:
    return [client.get(one["Location"]).content.decode() for one in answers]


def choose(client: Client, path: str, password: str = NEW) -> Any:
    """Open the address of a letter, and choose a password there."""
    form = client.get(path, follow=True)
    return client.post(
        form.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True
    )


def test_new_password_signs_in_with_the_second_factor_as_always(client: Client) -> None:
    user = make_person()
    elsewhere = Client()
    sign_in(elsewhere, user)
    assert is_in(elsewhere)
    assert ask(client, user.email)["Location"] == f"{RESET}sent/"
    assert mail.outbox[0].to == [user.email]
    assert "Your password is changed" in choose(client, read_address()).content.decode()
    assert not is_in(client)
    # Who was in with the old one is out.
    assert not is_in(elsewhere)
    assert give_password(client, user).status_code == 200
    assert give_password(client, user, NEW)["Location"] == SECOND_STEP
    assert not is_in(client)


def test_answer_is_the_same_where_there_is_no_account(client: Client) -> None:
    user = make_person()
    known = ask(client, user.email)
    unknown = ask(client, "nobody@waymark.example")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    # A page's own token is another one each time.
    pages = [re.sub(r'value="\w{64}"', "", one) for one in read_pages(client, known, unknown)]
    assert pages[0] == pages[1]
    assert len(mail.outbox) == 1


def test_who_is_shut_out_gets_no_letter(client: Client) -> None:
    user = make_person()
    user.is_active = False
    user.save()
    assert ask(client, user.email)["Location"] == f"{RESET}sent/"
    assert not mail.outbox


def test_address_is_good_once(client: Client) -> None:
    user = make_person()
    ask(client, user.email)
    path = read_address()
    choose(client, path)
    assert "not good any more" in Client().get(path).content.decode()


def test_address_is_good_for_half_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person()
    ask(client, user.email)
    path = read_address()
    late = datetime.now() + RESET_WITHIN + timedelta(seconds=1)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _self: late)
    assert "not good any more" in Client().get(path, follow=True).content.decode()


def test_weak_password_is_refused_here_too(client: Client) -> None:
    user = make_person()
    ask(client, user.email)
    assert (
        "Your password is changed" not in choose(client, read_address(), "short").content.decode()
    )
    assert give_password(Client(), user)["Location"] == SECOND_STEP


def test_who_asks_too_often_waits_known_or_not(client: Client) -> None:
    user = make_person()
    for email in (user.email, "nobody@waymark.example"):
        statuses = [ask(client, email).status_code for _time in range(4)]
        assert statuses == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_letter_leads_to_this_service_whatever_the_request_says(
    client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://waymark.example"
    settings.ALLOWED_HOSTS = ["*"]
    ask(client, make_person().email, headers={"host": "evil.example"})
    assert "https://waymark.example/accounts/reset/key/" in str(mail.outbox[0].body)
    assert "evil.example" not in str(mail.outbox[0].body)


def test_mail_that_does_not_go_out_tells_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_letter: EmailMessage) -> None:
        raise SMTPException("550 no such user amina@waymark.example")

    user = make_person()
    monkeypatch.setattr(EmailMessage, "send", fail)
    assert ask(client, user.email)["Location"] == f"{RESET}sent/"
    assert "could not be sent" in caplog.text
    assert user.email not in caplog.text
