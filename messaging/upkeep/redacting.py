"""Redacting: some days after a message its text is taken out of what the provider keeps.

A restartable walk: what was done is marked row by row, and what failed is tried again at the next tick.
Never while reconciliation may need the text: it compares texts for three days, and while anything to the
same person is unknown.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, QuerySet

from messaging.models import Delivery, InboundMessage
from messaging.providers.base import Archive
from messaging.senders.asking import ProviderOf, ask_all, find_archives
from messaging.senders.roster import provider_named
from messaging.states import RANK, State
from messaging.wire import AccountProblem, NotAccepted, Refused, SendError

# Whatever the settings say: so long a list is still asked about what is unknown.
_NEEDED = timedelta(hours=96)
_TWILIO_REF = r"^(SM|MM)[0-9a-f]{32}$"


def redact_old(
    *,
    now: datetime,
    limit: int = 300,
    seconds: float = 20.0,
    provider_of: ProviderOf = provider_named,
) -> int:
    """Empty the texts of old messages at the provider, sent and received; return how many."""
    before = now - max(_NEEDED, timedelta(days=settings.TWILIO_REDACT_DAYS))
    done = 0
    for name, provider in find_archives(provider_of).items():
        sent = _find_sent(name, before).order_by("pk").values_list("provider_ref", "pk")[:limit]
        done += _redact(provider, dict(sent), _mark_of(Delivery, now), seconds=seconds)
        if name == "twilio":
            received = _find_received(before).order_by("pk").values_list("ref", "pk")[:limit]
            done += _redact(
                provider, dict(received), _mark_of(InboundMessage, now), seconds=seconds
            )
    return done


def _find_sent(provider: str, before: datetime) -> QuerySet[Delivery]:
    open_ones = Delivery.objects.filter(
        subscriber=OuterRef("subscriber"), state=State.UNKNOWN, settled_at__isnull=True
    )
    # Without a receipt there is no end to wait for: then its age must do.
    sent = Delivery.objects.filter(
        sender__provider=provider,
        rank__gte=RANK[State.ACCEPTED],
        submitting_at__lt=before,
        redacted_at__isnull=True,
    )
    return sent.exclude(provider_ref="").exclude(Exists(open_ones))


def _find_received(before: datetime) -> QuerySet[InboundMessage]:
    return InboundMessage.objects.filter(
        received_at__lt=before, redacted_at__isnull=True, ref__regex=_TWILIO_REF
    )


def _mark_of(model: type[Model], now: datetime) -> Callable[[list[int]], int]:
    def mark(ids: list[int]) -> int:
        return model._default_manager.filter(pk__in=ids).update(redacted_at=now)

    return mark


def _redact(
    provider: Archive, rows: dict[str, int], mark: Callable[[list[int]], int], *, seconds: float
) -> int:
    done: list[int] = []
    for ref, said in ask_all(provider.redact, list(rows), seconds=seconds):
        if said is None or _is_gone(said):
            done.append(rows[ref])
        elif isinstance(said, NotAccepted):
            # Too fast, or our account: no further ones now.
            break
    return mark(done) if done else 0


def _is_gone(error: SendError) -> bool:
    """Say whether the provider has nothing to redact any more."""
    return isinstance(error, Refused) or (
        isinstance(error, AccountProblem) and error.word == "20404"
    )
