"""The tables of campaigns: partners and their people, segments, broadcasts, approvals, prices."""

from campaigns.models.approvals import Approval
from campaigns.models.broadcasts import Broadcast, Edition, Occurrence
from campaigns.models.partners import Membership, Partner
from campaigns.models.prices import Price
from campaigns.models.segments import Segment

__all__ = [
    "Approval",
    "Broadcast",
    "Edition",
    "Membership",
    "Occurrence",
    "Partner",
    "Price",
    "Segment",
]
