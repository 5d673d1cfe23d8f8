"""Amazon SNS `Publish` to a number: the plain way, for when nothing else goes.

It knows no token of ours and tells nothing afterwards: no receipt ever comes, so a delivery stays
"handed to the provider" and ages to "no receipt"; what was cut off stays unknown. It has no list and no
time to live either. Use it only where that is better than silence.
"""

import re
from typing import Any

from messaging.providers.aws_events import OnlySends
from messaging.providers.aws_signing import Service, read_ref
from messaging.providers.aws_sms import write_price
from messaging.wire import Accepted, Outgoing

NAME = "sns"
_NUMBER = re.compile(r"\+?[0-9]{5,14}")
_TYPES = {"TRANSACTIONAL": "Transactional", "PROMOTIONAL": "Promotional"}


class AwsSns(OnlySends):
    """Speak to SNS, or to whatever answers like it."""

    def __init__(self, service: Service, message_type: str = "TRANSACTIONAL") -> None:
        super().__init__(service)
        self._type = _TYPES[message_type]

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        given: dict[str, Any] = {
            "PhoneNumber": outgoing.to,
            "Message": outgoing.body,
            "MessageAttributes": self._describe(outgoing),
        }
        return Accepted(read_ref(await self._service.ask("Publish", given), "MessageId"))

    def _describe(self, outgoing: Outgoing) -> dict[str, dict[str, str]]:
        ours = "AWS.MM.SMS.OriginationNumber"
        if not _NUMBER.fullmatch(outgoing.sender):
            ours = "AWS.SNS.SMS.SenderID"
        said = {"AWS.SNS.SMS.SMSType": ("String", self._type), ours: ("String", outgoing.sender)}
        if price := write_price(outgoing.max_price):
            said["AWS.SNS.SMS.MaxPrice"] = ("Number", price)
        return {
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in said.items()
        }
