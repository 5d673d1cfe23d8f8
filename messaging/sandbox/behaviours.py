"""What each fictional phone does, by the last two digits of its number: data, shown as a legend."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Hold an error answer; `{to}` and `{from}` in its text are filled in, as Twilio does."""

    status: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Hold what happens to a message: the words that come back, or what goes wrong before."""

    what: str
    words: tuple[str, ...] = ("sent", "delivered")
    code: str = ""
    whatsapp_code: str = ""
    refusal: int = 0
    refuses_first: bool = False
    loses_answer: bool = False


ORDINARY = Behaviour("delivers; on WhatsApp about two in three are read")

BEHAVIOURS: dict[str, Behaviour] = {
    "90": Behaviour("is off: undelivered, 30003", ("sent", "undelivered"), code="30003"),
    "91": Behaviour(
        "does not exist: undelivered, 30005 (on WhatsApp 63024)",
        ("sent", "undelivered"),
        code="30005",
        whatsapp_code="63024",
    ),
    "92": Behaviour("is no mobile: refused at once, 21614", refusal=21614),
    "93": Behaviour("has opted out at the provider: refused at once, 21610", refusal=21610),
    "94": Behaviour("delivers, but the answer to the call is lost", loses_answer=True),
    "95": Behaviour("makes the server fail: HTTP 500, never sent", refusal=20500),
    "96": Behaviour("is busy: 429 at a text's first try", refusal=20429, refuses_first=True),
    "97": Behaviour("gives no delivery receipt: sent is the last word", ("sent",)),
}

REFUSALS: dict[int, Refusal] = {
    refusal.code: refusal
    for refusal in (
        Refusal(401, 20003, "Authenticate"),
        Refusal(404, 20404, "The requested resource was not found"),
        Refusal(429, 20429, "Too many concurrent requests"),
        Refusal(400, 21211, "The 'To' number {to} is not a valid phone number"),
        Refusal(400, 21212, "The 'From' number {from} is not a valid phone number or short code"),
        Refusal(400, 21408, "Permission to send to the region of {to} has not been enabled"),
        Refusal(400, 21602, "Message body is required"),
        Refusal(400, 21603, "A 'From' phone number is required"),
        Refusal(400, 21604, "A 'To' phone number is required"),
        Refusal(400, 21606, "The 'From' number {from} is not a number of this account"),
        Refusal(400, 21609, "The 'StatusCallback' URL is not on this machine"),
        Refusal(400, 21610, "Attempt to send to unsubscribed recipient {to}"),
        Refusal(400, 21611, "The queue of the 'From' number {from} is full"),
        Refusal(400, 21612, "The combination of 'To' {to} and 'From' {from} is not possible"),
        Refusal(400, 21614, "'To' number {to} is not a valid mobile number"),
        Refusal(400, 21617, "The message body exceeds the 1600 character limit"),
        Refusal(400, 21655, "The 'ContentSid' is invalid"),
        Refusal(400, 21656, "The 'ContentVariables' are invalid"),
        Refusal(400, 63007, "There is no WhatsApp sender with the address {from}"),
        Refusal(500, 20500, "Internal server error"),
    )
}

# Twilio's numbers for test credentials; they belong to nobody.
MAGIC_SENDERS: dict[str, int] = {
    "+15005550001": 21212,
    "+15005550007": 21606,
    "+15005550008": 21611,
}
MAGIC_PHONES: dict[str, int] = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


def behaviour_of(number: str) -> Behaviour:
    """Return what the phone with this number does."""
    return BEHAVIOURS.get(number[-2:], ORDINARY)
