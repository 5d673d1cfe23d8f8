"""What a phone's message says of its phone: a number, or on WhatsApp a user id instead."""

import pytest

from messaging.sandbox.store import IN, Message
from messaging.sandbox.writing import form_of


def make_message(channel: str, number: str) -> Message:
    return Message(
        sid="SM1",
        direction=IN,
        channel=channel,
        number=number,
        sender="+9990000001",
        body="hello",
        created_at=0.0,
        status="received",
    )


@pytest.mark.parametrize(
    ("channel", "number", "held"),
    [
        ("sms", "+9992210000001", {"From": "+9992210000001"}),
        (
            "whatsapp",
            "+9992210000001",
            {"From": "whatsapp:+9992210000001", "WaId": "9992210000001"},
        ),
        (
            "whatsapp",
            "ZZ.abc",
            {"From": "whatsapp:ZZ.abc", "ExternalUserId": "whatsapp:ZZ.abc"},
        ),
    ],
)
def test_a_form_names_the_phone_as_the_channel_does(
    channel: str, number: str, held: dict[str, str]
) -> None:
    form = form_of(make_message(channel, number), "AC1")
    assert {name: form[name] for name in ("From", "WaId", "ExternalUserId") if name in form} == held
