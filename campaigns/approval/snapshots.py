"""Snapshots: what exactly an approver sees, its digest, and what has changed since (promise 3)."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns import editions
from campaigns.models import Broadcast, Campaign, Edition
from campaigns.reckoning.estimating import Estimate, estimate
from messaging.sealing.crypto import SealError, open_sealed, seal
from messaging.senders.roster import NoSenderError, load_market

# People may join and leave meanwhile; more than this share of people or money is another broadcast.
_GROWTH, _SHRINKAGE = Decimal("1.05"), Decimal("0.95")
# So few may always leave: of a small audience a few STOPs are a large share.
_MAY_LEAVE = 50
# Fewer people than were approved: once some have it, they may be why (`campaigns.going_out.canaries`).
FEWER = "fewer"
_SEALED_PLACE = "approval.shown"
# What may change beside the texts, and how that is called.
_PARTS = {
    "message": "message",
    "audience": "audience",
    "send_at": "time",
    "in_quiet_hours": "quiet",
    "window": "time",
    "order": "order",
    "sender": "sender",
    "campaign": "campaign",
    "corrects": "corrects",
}
_WORDING = ("template", "category")


@dataclass(frozen=True, slots=True)
class Change:
    """Hold what is not as it was approved: a code, and of which text or channel it is."""

    code: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Hold what an approver sees: texts, rule, window, senders, people and price."""

    data: dict[str, Any]
    estimate: Estimate

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what must not change between approval and sending."""
        return digest_of(self.data)

    @property
    def shown(self) -> str:
        """Return what an approver hands back: the digest, and the figures of this moment, sealed."""
        # Sealed, since the page rounds people so that nobody can be found by narrowing.
        digest = self.digest
        figures = json.dumps(self.data["figures"])
        return f"{digest}.{seal(figures, place=_SEALED_PLACE, row=_row(digest)).hex()}"

    def read_figures(self, shown: str) -> dict[str, Any] | None:
        """Return the figures in `shown`, or None where it shows something else than this."""
        digest, _dot, sealed = shown.partition(".")
        if digest != self.digest:
            return None
        try:
            plain = open_sealed(bytes.fromhex(sealed), place=_SEALED_PLACE, row=_row(digest))
        except (ValueError, SealError):
            return None
        figures: dict[str, Any] = json.loads(plain)
        return figures

    def has_drifted(self, figures: Mapping[str, Any]) -> bool:
        """Say whether it is for others than in these figures: more people, far fewer, or more money."""
        return bool(self.find_drift(figures))

    def find_drift(self, figures: Mapping[str, Any]) -> list[Change]:
        """Return what is not within bounds of these figures: people, or money."""
        grown = []
        people = figures["people"]
        if self.estimate.people > people * _GROWTH:
            grown.append(Change("people"))
        if self.estimate.people < min(people * _SHRINKAGE, people - _MAY_LEAVE):
            grown.append(Change(FEWER))
        # Amounts in two currencies cannot be compared.
        is_other = self.estimate.currency != figures["currency"]
        if is_other or self.estimate.cost > Decimal(figures["cost"]) * _GROWTH:
            grown.append(Change("price"))
        return grown

    def find_changes(self, approved: Mapping[str, Any]) -> list[Change]:
        """Return how this differs from an approved snapshot, what is within bounds left aside."""
        return [
            *_compare_parts(approved, self.data),
            *_compare_texts(approved["editions"], self.data["editions"]),
            *_compare_senders(approved.get("senders", {}), self.data["senders"]),
            *self.find_drift(approved["figures"]),
        ]


def take_snapshot(broadcast: Broadcast, *, now: datetime) -> Snapshot:
    """Return the snapshot of a broadcast from its frozen editions."""
    frozen = list(broadcast.editions.all())
    figures = estimate(broadcast, frozen, today=now.date())
    billed = editions.find_categories(frozen)
    return Snapshot(
        data={
            "message": broadcast.message.key,
            "editions": [_edition_data(edition, billed) for edition in frozen],
            "audience": broadcast.segment.as_data(),
            "send_at": _time_data(broadcast),
            "in_quiet_hours": broadcast.in_quiet_hours,
            **_choice_data(broadcast),
            "senders": _sender_data(figures, broadcast.senders),
            "figures": {
                "people": figures.people,
                "parts": figures.parts,
                "cost": str(figures.cost),
                "currency": figures.currency,
            },
        },
        estimate=figures,
    )


def digest_of(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a snapshot without its figures."""
    fixed = {name: value for name, value in data.items() if name != "figures"}
    return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()


def find_new_texts(broadcast: Broadcast) -> list[Change]:
    """Return the texts that would come out otherwise than they were frozen: somebody published anew."""
    fresh = editions.render_again(broadcast)
    frozen = {(e.channel, e.language): e.text for e in broadcast.editions.all()}
    changed = {key for key in fresh.keys() | frozen.keys() if fresh.get(key) != frozen.get(key)}
    return [Change("text", f"{channel}.{language}") for channel, language in sorted(changed)]


def _compare_parts(approved: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    # What an older approval knows nothing of is as it always was: empty.
    codes = [
        code for name, code in _PARTS.items() if (approved.get(name) or 0) != (now.get(name) or 0)
    ]
    return [Change(code) for code in dict.fromkeys(codes)]


def _compare_texts(
    approved: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]
) -> list[Change]:
    before = {(one["channel"], one["language"]): one for one in approved}
    after = {(one["channel"], one["language"]): one for one in now}
    changes = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        is_wording = old and new and all(old[n] == new[n] for n in old if n not in _WORDING)
        changes.append(Change("wording" if is_wording else "text", ".".join(key)))
    return changes


def _compare_senders(
    approved: Mapping[str, Mapping[str, list[int]]], now: Mapping[str, Mapping[str, list[int]]]
) -> list[Change]:
    """Return the channels on which it may come from somebody who was not shown."""
    return [
        Change("senders", channel)
        for channel, countries in sorted(now.items())
        if any(
            set(senders) - set(approved[channel][country])
            for country, senders in countries.items()
            if country in approved.get(channel, {})
        )
    ]


def _choice_data(broadcast: Broadcast) -> dict[str, Any]:
    """Return what was chosen beside time and rule, without what is as it always was."""
    chosen: dict[str, Any] = {}
    # Of what recurs the last moment is part of its rule.
    last = None if broadcast.recurs_by else broadcast.send_before
    if broadcast.in_evening or last:
        chosen["window"] = [broadcast.in_evening, last.isoformat() if last else ""]
    if broadcast.channels:
        chosen["order"] = broadcast.channels
    if broadcast.senders:
        chosen["sender"] = broadcast.senders
    if broadcast.campaign and (limits := _campaign_data(broadcast.campaign)):
        chosen["campaign"] = limits
    if broadcast.corrects_id:
        chosen["corrects"] = broadcast.corrects_id
    return chosen


def _campaign_data(campaign: Campaign) -> dict[str, Any]:
    quiet = (campaign.quiet_from, campaign.quiet_until)
    limits = {
        "holdout": campaign.holdout_percent,
        "most": campaign.most_per_week,
        "quiet": [moment.isoformat() for moment in quiet if moment],
    }
    return {name: value for name, value in limits.items() if value}


def _sender_data(figures: Estimate, chosen: Mapping[str, int]) -> dict[str, dict[str, list[int]]]:
    """Return who might send, by channel and country: also those that are halted at this moment."""
    found: dict[str, dict[str, list[int]]] = {}
    for channel in sorted({line.channel for line in figures.lines}):
        countries = [line.country for line in figures.lines if line.channel == channel]
        market = load_market(channel, countries)
        for country in countries:
            try:
                ranked = market.rank(country, chosen=chosen.get(channel))
            except NoSenderError:
                continue
            there = found.setdefault(channel, {})
            there[country] = sorted(choice.sender for choice in ranked)
    return found


def _time_data(broadcast: Broadcast) -> Any:
    # What recurs is approved once, with its rule; each of its times carries the same.
    if schedule := broadcast.recurs_by:
        return schedule.rhythm.as_data()
    return "at once" if broadcast.at_once else broadcast.send_at.isoformat()


def _row(digest: str) -> uuid.UUID:
    return uuid.UUID(digest[:32])


def _edition_data(edition: Edition, billed: Mapping[str, str]) -> dict[str, Any]:
    return {
        "channel": edition.channel,
        "language": edition.language,
        "text": edition.text,
        "parts": edition.parts,
        "template": edition.template_ref,
        # WhatsApp may change it, and with it the price.
        "category": billed.get(edition.template_ref, ""),
        "revision": edition.revision,
    }
