"""The clock's sweep over real rows, and the letters that tell editors of it."""

from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import call_command
from wagtail.users.models import UserProfile

from cms.models import ContactPoint, Fact, MessagePage
from cms.roles import EDITORS
from cms.starter.reading import Pack
from cms.sweeping import Swept, sweep
from cms.telling import tell_editors
from tests.cms.finding import find_message

pytestmark = pytest.mark.database

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def swept_starter(starter: Pack) -> None:
    """Begin where everything that the pack itself calls expired has been told."""
    sweep(today=TODAY)
    for model in (Fact, ContactPoint, MessagePage):
        model.objects.filter(has_expired=True).update(told_at=NOW)


@pytest.fixture
def editors() -> list[User]:
    group, _made = Group.objects.get_or_create(name=EDITORS)
    people = [
        User.objects.create_user(name, f"{name}@waymark.example") for name in ("amina", "boris")
    ]
    group.user_set.add(*people)
    return people


def end(fact_key: str, day: date, **fields: Any) -> None:
    Fact.objects.filter(key=fact_key).update(expires=day, **fields)


def test_what_reaches_its_date_expires_in_every_language() -> None:
    languages = Fact.objects.filter(key="CM-R1").count()
    assert languages == 8
    end("CM-R1", TODAY)
    assert sweep(today=TODAY) == Swept(expired=languages, taken_down=0)
    assert set(Fact.objects.filter(key="CM-R1").values_list("has_expired", "live")) == {
        (True, True)
    }


def test_a_day_before_its_date_nothing_happens() -> None:
    end("CM-R1", TODAY + timedelta(days=1))
    assert sweep(today=TODAY) == Swept(0, 0)


def test_what_must_not_outlive_its_date_is_unpublished() -> None:
    end("CM-R1", TODAY, take_down=True)
    assert sweep(today=TODAY).taken_down == 8
    row = Fact.objects.get(key="CM-R1", locale__language_code="ar")
    assert (row.live, row.expired, row.has_unpublished_changes) == (False, True, True)


def test_message_page_is_unpublished_as_well() -> None:
    MessagePage.objects.filter(key="MSG-GEN-1").update(expires=TODAY, take_down=True)
    sweep(today=TODAY)
    page = find_message("MSG-GEN-1", "fr")
    assert (page.live, page.has_expired, page.expired) == (False, True, True)


def test_second_sweep_changes_nothing() -> None:
    end("CM-R1", TODAY, take_down=True)
    sweep(today=TODAY)
    assert sweep(today=TODAY) == Swept(0, 0)


def test_sweep_takes_as_many_statements_for_many_rows_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    sweep(today=TODAY)
    Fact.objects.filter(key="CM-R1").update(expires=TODAY, take_down=True, has_expired=False)
    with django_assert_max_num_queries(80) as one:
        sweep(today=TODAY)
    Fact.objects.exclude(key="CM-R1").update(expires=TODAY, take_down=True)
    with django_assert_max_num_queries(len(one)):
        sweep(today=TODAY)


# ---- Letters -----------------------------------------------------------------------------------


def test_all_editors_are_told_of_what_nobody_wrote(editors: list[User]) -> None:
    end("CM-R1", TODAY)
    sweep(today=TODAY)
    assert tell_editors(now=NOW) == 8
    assert {letter.to[0] for letter in mail.outbox} == {user.email for user in editors}
    assert "CM-R1" in mail.outbox[0].body
    assert "/cms/snippets/cms/fact/edit/" in mail.outbox[0].body


def test_who_wrote_it_is_told_and_nobody_else(editors: list[User]) -> None:
    amina, _boris = editors
    Fact.objects.get(key="CM-R1", locale__language_code="en").save_revision(user=amina)
    Fact.objects.filter(key="CM-R1", locale__language_code="en").update(expires=TODAY)
    sweep(today=TODAY)
    tell_editors(now=NOW)
    assert [letter.to for letter in mail.outbox] == [[amina.email]]


def test_nothing_is_told_twice(editors: list[User]) -> None:
    end("CM-R1", TODAY)
    sweep(today=TODAY)
    tell_editors(now=NOW)
    mail.outbox.clear()
    assert tell_editors(now=NOW) == 0
    assert mail.outbox == []


def test_renewed_and_expired_again_is_told_again(editors: list[User]) -> None:
    end("CM-R1", TODAY)
    sweep(today=TODAY)
    tell_editors(now=NOW)
    end("CM-R1", TODAY + timedelta(days=2), has_expired=False)
    sweep(today=TODAY + timedelta(days=2))
    assert tell_editors(now=NOW + timedelta(days=2)) == 8


def test_letter_names_keys_and_no_text(editors: list[User]) -> None:
    message = find_message("MSG-GEN-1")
    MessagePage.objects.filter(pk=message.pk).update(expires=TODAY)
    sweep(today=TODAY)
    tell_editors(now=NOW)
    letter = mail.outbox[0]
    assert message.key in letter.body
    assert message.sms_text not in letter.body
    assert message.title not in f"{letter.subject} {letter.body}"


def test_mail_server_that_is_down_is_tried_again(
    editors: list[User], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    end("CM-R1", TODAY)
    sweep(today=TODAY)

    def fail(*_args: Any, **_kwargs: Any) -> int:
        raise SMTPException(f"no such box {editors[0].email}")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    assert tell_editors(now=NOW) == 0
    assert editors[0].email not in caplog.text
    monkeypatch.undo()
    assert tell_editors(now=NOW) == 8


def test_letter_is_in_the_editors_language(editors: list[User]) -> None:
    UserProfile.objects.create(user=editors[0], preferred_language="ar")
    end("CM-R1", TODAY)
    sweep(today=TODAY)
    tell_editors(now=NOW)
    arabic = next(letter for letter in mail.outbox if letter.to == [editors[0].email])
    english = next(letter for letter in mail.outbox if letter.to == [editors[1].email])
    assert arabic.subject != english.subject


def test_command_sweeps_and_tells(editors: list[User], capsys: pytest.CaptureFixture[str]) -> None:
    end("CM-R1", date(2020, 1, 1))
    call_command("sweep_content")
    assert "told about" in capsys.readouterr().out
    assert Fact.objects.filter(key="CM-R1", has_expired=True).count() == 8
