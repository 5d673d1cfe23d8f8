"""Budgets: what a partner may spend in a country and a month, and what is reserved of it."""

from django.db import models
from django.db.models import Q

from campaigns.models.broadcasts import Broadcast
from campaigns.models.partners import Partner


class Budget(models.Model):
    """Hold what a partner may spend in one country and month; no row means nothing was agreed."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="budgets")
    country = models.CharField(max_length=2)
    # The first of the month.
    month = models.DateField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")

    class Meta:
        ordering = ("-month", "country")
        constraints = (
            models.UniqueConstraint(fields=["partner", "country", "month"], name="one_budget"),
            models.CheckConstraint(condition=Q(month__day=1), name="budget_begins_a_month"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.country} {self.month:%Y-%m}"


class Reservation(models.Model):
    """Hold what a broadcast takes of a budget: its estimate at first, its cost when it is over."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="reservations")
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="reservations")
    amount = models.DecimalField(max_digits=12, decimal_places=4)
    reserved_at = models.DateTimeField()
    # From then on the amount is what it came to, not what was expected.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["budget", "broadcast"], name="one_reservation"),
        )

    def __str__(self) -> str:
        return f"Reservation of broadcast {self.broadcast_id}"
