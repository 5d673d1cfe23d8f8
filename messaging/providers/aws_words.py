"""AWS's and Meta's words in ours, as tables: exceptions and their reasons, events, error numbers.

From botocore's service models and the vendors' pages, as of 2026-11. A word that is not here is
`UNRECOGNISED` and fails: someone adds a row. The place of a word decides with it: an exception answers
our call, so the message was not taken; an event comes after it was.
"""

from dataclasses import dataclass, field

from messaging.providers.settling import settle
from messaging.wire import (
    BUSY,
    CONTENT,
    EXPIRED,
    FILTERED,
    LIMITED,
    OPTED_OUT,
    SENDER,
    TEMPORARY,
    UNRECOGNISED,
    UNUSABLE,
    SendError,
    make_refusal,
)

_CONFLICT, _INVALID = "ConflictException", "ValidationException"

# "Exception REASON", or the exception alone for any other reason.
EXCEPTIONS_BY_REASON: dict[str, tuple[str, ...]] = {
    OPTED_OUT: (
        f"{_CONFLICT} DESTINATION_PHONE_NUMBER_OPTED_OUT",
        *("OptedOut", "OptedOutException"),
    ),
    UNUSABLE: (
        f"{_CONFLICT} DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
        f"{_INVALID} INTERNATIONAL_SENDING_NOT_SUPPORTED",
    ),
    LIMITED: (
        f"{_INVALID} PRICE_OVER_THRESHOLD",
        "ServiceQuotaExceededException DAILY_DESTINATION_CALL_LIMIT",
    ),
    SENDER: (
        _CONFLICT,
        f"{_CONFLICT} DESTINATION_PHONE_NUMBER_NOT_VERIFIED",
        f"{_CONFLICT} NO_ORIGINATION_IDENTITIES_FOUND",
        f"{_CONFLICT} RESOURCE_NOT_ACTIVE",
        f"{_CONFLICT} MESSAGE_TYPE_MISMATCH",
        f"{_CONFLICT} NUMBER_CAPABILITIES_MISMATCH",
        f"{_CONFLICT} DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
        f"{_INVALID} SENDER_ID_REQUIRES_REGISTRATION",
        f"{_INVALID} SENDER_ID_NOT_REGISTERED",
        f"{_INVALID} SENDER_ID_NOT_SUPPORTED",
        f"{_INVALID} INVALID_IDENTITY_FOR_DESTINATION_COUNTRY",
        f"{_INVALID} COUNTRY_NOT_ENABLED",
        f"{_INVALID} COUNTRY_CODE_MISMATCH",
        f"{_INVALID} DESTINATION_COUNTRY_BLOCKED",
        f"{_INVALID} CHANNEL_NOT_ENABLED",
        f"{_INVALID} RESOURCE_NOT_ACCESSIBLE",
        f"{_INVALID} INVALID_ARN",
        f"{_INVALID} UNKNOWN_OPERATION",
        # Spent for this month, or not trusted any more: no sender of this account goes on.
        "ServiceQuotaExceededException",
        "ServiceQuotaExceededException MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
        "AccessDeniedException",
        "AccessDeniedException INSUFFICIENT_ACCOUNT_REPUTATION",
        "AccessDeniedException ACCOUNT_DISABLED",
        "AccessDeniedByMetaException",
        "ResourceNotFoundException",
        # Of every service: who we are is not believed.
        *("AccessDenied", "AuthorizationError", "AuthorizationErrorException", "NotAuthorized"),
        *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
        *("InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature"),
        *("IncompleteSignatureException", "MissingAuthenticationToken", "OptInRequired"),
        *("MissingAuthenticationTokenException", "ExpiredToken", "ExpiredTokenException"),
        *("RequestExpired", "InvalidSecurity", "NotFound", "UnknownOperationException"),
        *("KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired", "KMSAccessDenied"),
    ),
    CONTENT: (
        _INVALID,
        f"{_INVALID} FIELD_VALIDATION_FAILED",
        f"{_INVALID} INVALID_PARAMETER",
        f"{_INVALID} MISSING_PARAMETER",
        f"{_INVALID} MAXIMUM_SIZE_EXCEEDED",
        f"{_INVALID} OTHER",
        *("InvalidParametersException", "InvalidParameter", "InvalidParameterException"),
        *("ParameterValueInvalid", "InvalidParameterValue", "InvalidParameterValueException"),
        *("SerializationException", "ValidationError"),
    ),
    BUSY: (
        *("ThrottlingException", "ThrottledRequestException", "Throttling", "Throttled"),
        *("ThrottledException", "TooManyRequestsException", "RequestLimitExceeded"),
        "KMSThrottling",
    ),
}
EXCEPTIONS: dict[str, str] = {
    word: reason for reason, words in EXCEPTIONS_BY_REASON.items() for word in words
}
# In an answer of any kind: nobody knows what became of the message.
DOUBTFUL = frozenset(("RequestTimeout", "RequestTimeoutException", "InternalError"))
# A refused field says whose fault it is, where the exception only says that one was refused.
FIELDS: dict[str, str] = {
    "DestinationPhoneNumber": UNUSABLE,
    "OriginationIdentity": SENDER,
    "ConfigurationSetName": SENDER,
    "ProtectConfigurationId": SENDER,
}
# SNS has one exception for all of these and says the rest in English.
PHRASES: dict[str, str] = {
    "opted out": OPTED_OUT,
    "PhoneNumber": UNUSABLE,
    "SenderID": SENDER,
    "OriginationNumber": SENDER,
}
_SPOKEN = ("InvalidParameter", "InvalidParameterException")

# A message that was blocked, or has run out of time, was taken before.
SMS_STATES: dict[str, str] = {
    "TEXT_PENDING": "accepted",
    "TEXT_QUEUED": "accepted",
    # After 72 hours without a word of the network's: that AWS has it is all anybody knows.
    "TEXT_UNKNOWN": "accepted",
    "TEXT_SENT": "sent",
    # The network took it. Some countries say no more than this; it does not count as delivered.
    "TEXT_SUCCESSFUL": "sent",
    "TEXT_DELIVERED": "delivered",
    "TEXT_INVALID": "failed",
    "TEXT_INVALID_MESSAGE": "failed",
    "TEXT_UNREACHABLE": "failed",
    "TEXT_CARRIER_UNREACHABLE": "failed",
    "TEXT_BLOCKED": "failed",
    "TEXT_CARRIER_BLOCKED": "failed",
    "TEXT_SPAM": "failed",
    "TEXT_TTL_EXPIRED": "failed",
    "TEXT_PROTECT_BLOCKED": "failed",
}
SMS_REASONS: dict[str, str] = {
    "TEXT_INVALID": UNUSABLE,
    "TEXT_INVALID_MESSAGE": CONTENT,
    "TEXT_UNREACHABLE": TEMPORARY,
    "TEXT_CARRIER_UNREACHABLE": TEMPORARY,
    "TEXT_BLOCKED": FILTERED,
    "TEXT_CARRIER_BLOCKED": FILTERED,
    "TEXT_SPAM": FILTERED,
    "TEXT_TTL_EXPIRED": EXPIRED,
    "TEXT_PROTECT_BLOCKED": SENDER,
}

META_STATES: dict[str, str] = {
    "accepted": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    # AWS's own word, for what Meta never took.
    "undeliverable": "failed",
}
META_CODES_BY_REASON: dict[str, tuple[int, ...]] = {
    OPTED_OUT: (131050,),
    UNUSABLE: (131021, 131026, 131030),
    SENDER: (
        *(0, 3, 10, 190, 368, 130497, 131005, 131031, 131037, 131042, 131045),
        *(133010, 134011),
    ),
    CONTENT: (
        *(100, 131008, 131009, 131047, 131051, 131052, 131053),
        *(132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069),
    ),
    TEMPORARY: (1, 2, 4, 130429, 131000, 131016, 131057),
    LIMITED: (80007, 130472, 131048, 131049, 131056, 133016),
}
META_REASONS: dict[str, str] = {
    str(code): reason for reason, codes in META_CODES_BY_REASON.items() for code in codes
}

# Words that AWS takes for a STOP by itself; not all are among ours.
STOP_WORDS = frozenset(
    ("ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE")
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Hold what a service said when it refused; `said` may name a number and goes no further."""

    status: int
    code: str
    reason: str = ""
    fields: tuple[str, ...] = ()
    said: str = field(default="", repr=False)


def code_of(refusal: Refusal) -> str:
    """Return what a refusal is called in a table of codes."""
    return f"{refusal.code} {refusal.reason}".strip()[:80]


def read_refusal(refusal: Refusal) -> str:
    """Return our reason for a refusal."""
    reason = EXCEPTIONS.get(code_of(refusal)) or EXCEPTIONS.get(refusal.code, UNRECOGNISED)
    if refusal.code in _SPOKEN:
        return next((ours for phrase, ours in PHRASES.items() if phrase in refusal.said), reason)
    if reason == CONTENT:
        return next((FIELDS[name] for name in refusal.fields if name in FIELDS), reason)
    return reason


def make_error(refusal: Refusal, *, retry_after: float | None = None) -> SendError:
    """Return the error that says what may follow a refusal in the answer to our call."""
    word = code_of(refusal)
    reason = settle("aws", word, read_refusal(refusal))
    return make_refusal(reason, status=refusal.status, word=word, retry_after=retry_after)


def read_code(code: str) -> str:
    """Return our reason for an error number of Meta's, "" for none."""
    return settle("meta", code, META_REASONS.get(code, UNRECOGNISED)) if code else ""


def read_event_reason(word: str) -> str:
    """Return our reason for an event of the SMS service, "" for one that tells of no failure."""
    if SMS_STATES.get(word) != "failed":
        return ""
    return settle("aws", word, SMS_REASONS.get(word, UNRECOGNISED))
