"""Service wordings: the code and the question whether to go on, submitted in every language we have."""

from typing import Any

import pytest
from django.utils import timezone

from messaging import service_wordings
from messaging.models import Notice, Template
from messaging.notifying import notices, templates
from messaging.wire import Unclear
from tests.messaging.factories import make_sender
from tests.messaging.office import Office

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office()
    monkeypatch.setattr(templates, "provider_named", lambda _name: office)
    make_sender("whatsapp")
    return office


def submit_all() -> tuple[int, str]:
    return service_wordings.submit_all(now=timezone.now())


def test_both_exist_in_every_language_that_has_words_of_its_own() -> None:
    drafts = service_wordings.list_drafts()
    for name, gaps in (("waymark_confirm", 1), ("waymark_go_on", 0)):
        mine = [draft for draft in drafts if draft.name == name]
        assert {"en", "fr", "ar"} <= {draft.language for draft in mine}
        assert len({draft.body for draft in mine}) == len(mine)
        assert {draft.gaps for draft in mine} == {gaps}


def test_each_can_be_a_template() -> None:
    for draft in service_wordings.list_drafts():
        templates.check_gaps(draft)
        assert "http" not in draft.body or "{{" not in draft.body


def test_submitted_once_notices_find_them(office: Office) -> None:
    assert not notices.can_push("whatsapp", Notice.Kind.CONFIRM, "fr")
    done, trouble = submit_all()
    assert (done, trouble) == (len(service_wordings.list_drafts()), "")
    assert notices.can_push("whatsapp", Notice.Kind.CONFIRM, "fr")
    # Who reads Tunisian Arabic gets the Arabic one, as by SMS.
    assert notices.can_push("whatsapp", Notice.Kind.GO_ON, "aeb")
    assert submit_all() == (0, "")
    assert len(office.submitted) == done
    assert {category for _name, _language, category in office.submitted} == {"UTILITY"}


def test_wording_that_whatsapp_refuses_is_not_found(office: Office) -> None:
    office.word = "rejected"
    submit_all()
    assert not notices.can_push("whatsapp", Notice.Kind.CONFIRM, "fr")


def test_provider_that_does_not_answer_is_told_and_asked_once(office: Office) -> None:
    office.error = Unclear("no_answer")
    done, trouble = submit_all()
    assert done == 0
    assert "no_answer" in trouble
    assert Template.objects.count() == 1
    office.error = None
    assert submit_all()[0] == len(service_wordings.list_drafts())


def test_without_a_whatsapp_sender_it_says_so() -> None:
    assert "WhatsApp" in submit_all()[1]


def test_changed_words_are_to_be_submitted_anew(office: Office, settings: Any) -> None:
    submit_all()
    settings.SERVICE_NAME = "Way Ahead"
    standings = service_wordings.read_standings()
    assert all(standing.template is None for standing in standings)
