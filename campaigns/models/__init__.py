"""The tables of campaigns: partners and their people, budgets, efforts, broadcasts, and the audit."""

from campaigns.models.approvals import Approval
from campaigns.models.audit import AuditEntry, AuditHead
from campaigns.models.broadcasts import Broadcast, Edition, Occurrence
from campaigns.models.budgets import Budget, Reservation
from campaigns.models.calendars import CalendarKey
from campaigns.models.campaigns import Campaign, JoinWord
from campaigns.models.canaries import Canary
from campaigns.models.imports import SheetImport
from campaigns.models.outreach import Heads, OutreachSession
from campaigns.models.partners import Invitation, Membership, Partner
from campaigns.models.prices import Price
from campaigns.models.questions import PreparedAnswer, Question
from campaigns.models.schedules import Schedule
from campaigns.models.segments import Segment
from campaigns.models.unfinished import Unfinished

__all__ = [
    "Approval",
    "AuditEntry",
    "AuditHead",
    "Broadcast",
    "Budget",
    "CalendarKey",
    "Campaign",
    "Canary",
    "Edition",
    "Heads",
    "Invitation",
    "JoinWord",
    "Membership",
    "Occurrence",
    "OutreachSession",
    "Partner",
    "PreparedAnswer",
    "Price",
    "Question",
    "Reservation",
    "Schedule",
    "Segment",
    "SheetImport",
    "Unfinished",
]
