"""The tables of messaging: people who asked, what is planned for them, and what became of it."""

from messaging.models.batches import Batch, BatchChoice, BatchLane, BatchText
from messaging.models.consent import ConsentEntry, Suppression
from messaging.models.deliveries import Attempt, Delivery, Event
from messaging.models.inbound import InboundMessage, StoredReceipt
from messaging.models.senders import CountryRule, Fence, Sender, Template
from messaging.models.subscribers import Subscriber, Topic

__all__ = [
    "Attempt",
    "Batch",
    "BatchChoice",
    "BatchLane",
    "BatchText",
    "ConsentEntry",
    "CountryRule",
    "Delivery",
    "Event",
    "Fence",
    "InboundMessage",
    "Sender",
    "StoredReceipt",
    "Subscriber",
    "Suppression",
    "Template",
    "Topic",
]
