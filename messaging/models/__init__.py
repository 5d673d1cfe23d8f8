"""The tables of messaging: people who asked, what is planned for them, and what became of it."""

from messaging.models.aliases import Alias
from messaging.models.batches import Batch, BatchChoice, BatchLane, BatchText
from messaging.models.clearances import Clearance
from messaging.models.codes import ProviderCode
from messaging.models.consent import ConsentEntry, Suppression, Wording
from messaging.models.deliveries import Absence, Attempt, Bill, Delivery, Event
from messaging.models.inbound import InboundMessage, StoredReceipt
from messaging.models.keys import WrappedKey
from messaging.models.mirrors import Mirror
from messaging.models.notices import Notice
from messaging.models.secrets import KeptSecret
from messaging.models.senders import (
    CountryRule,
    Fence,
    Sender,
    SenderCountry,
    SenderHour,
    Template,
)
from messaging.models.sheets import Sheet, SheetRow
from messaging.models.signups import SignUp
from messaging.models.subscribers import Subscriber, Topic, VolunteeredCount
from messaging.models.test_phones import TestPhone
from messaging.models.watching import Alarm, Allowance, Beat, RetentionRun, Walk

__all__ = [
    "Absence",
    "Alarm",
    "Alias",
    "Allowance",
    "Attempt",
    "Batch",
    "BatchChoice",
    "BatchLane",
    "BatchText",
    "Beat",
    "Bill",
    "Clearance",
    "ConsentEntry",
    "CountryRule",
    "Delivery",
    "Event",
    "Fence",
    "InboundMessage",
    "KeptSecret",
    "Mirror",
    "Notice",
    "ProviderCode",
    "RetentionRun",
    "Sender",
    "SenderCountry",
    "SenderHour",
    "Sheet",
    "SheetRow",
    "SignUp",
    "StoredReceipt",
    "Subscriber",
    "Suppression",
    "Template",
    "TestPhone",
    "Topic",
    "VolunteeredCount",
    "Walk",
    "Wording",
    "WrappedKey",
]
