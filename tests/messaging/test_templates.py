"""Templates: each wording is submitted once, and asked about until WhatsApp has said its word."""

from typing import Any

import pytest
from django.utils import timezone

from messaging import templates
from messaging.models import Template
from messaging.providers.memory import Memory
from messaging.senders import NoSenderError
from messaging.templates import TemplateError, ensure_template
from messaging.wire import NotAccepted, Unclear
from tests.messaging.factories import make_sender

pytestmark = [pytest.mark.django_db]


class Office(Memory):
    """Count what was submitted and answer with a word of the test's choice."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[str] = []
        self.asked, self.word = 0, "approved"

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        self.submitted.append(name)
        return super().register_template(name=name, language=language, category=category, body=body)

    def template_state(self, ref: str) -> str:
        self.asked += 1
        return self.word


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return the provider that every wording goes to."""
    office = Office()
    monkeypatch.setattr(templates, "provider_named", lambda _name: office)
    make_sender("whatsapp")
    return office


def ensure(body: str = "Bonjour.", **more: Any) -> Template:
    given: dict[str, Any] = {
        "language": "fr",
        "category": "UTILITY",
        "body": body,
        "now": timezone.now(),
    }
    return ensure_template("msg_gen_1", **(given | more))


def test_a_new_wording_is_submitted_and_its_answer_kept(office: Office) -> None:
    template = ensure()
    assert template.state == Template.State.APPROVED
    assert template.ref
    assert template.checked_at is not None


def test_an_approved_wording_is_neither_submitted_nor_asked_about_again(office: Office) -> None:
    first, again = ensure(), ensure()
    assert first.pk == again.pk
    assert (len(office.submitted), office.asked) == (1, 1)


def test_a_changed_wording_is_a_template_of_its_own(office: Office) -> None:
    ensure()
    ensure("Bonsoir.")
    ensure("Bonjour.", language="en")
    assert Template.objects.count() == 3
    assert len(set(office.submitted)) == 2


@pytest.mark.parametrize("word", ["pending", "received", "", "a word nobody knows"])
def test_a_wording_that_waits_is_asked_about_again_but_not_submitted(
    office: Office, word: str
) -> None:
    office.word = word
    assert ensure().state == Template.State.PENDING
    office.word = "rejected"
    assert ensure().state == Template.State.REJECTED
    assert (len(office.submitted), office.asked) == (1, 2)


@pytest.mark.parametrize("error", [Unclear("no_answer"), NotAccepted("no_connection")])
def test_a_provider_that_cannot_be_asked_is_named_without_the_wording(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(**_: object) -> str:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(office, "register_template", fail)
        with pytest.raises(TemplateError) as caught:
            ensure()
    assert "Bonjour" not in str(caught.value)
    assert ensure().state == Template.State.APPROVED


def test_without_a_whatsapp_sender_there_is_no_template() -> None:
    with pytest.raises(NoSenderError):
        ensure()
