"""Prices: what one part costs, by channel and country, as dated rows."""

from django.db import models

from messaging.models import Sender
from messaging.models.subscribers import Channel


class Price(models.Model):
    """Hold the price of one part (SMS) or one message (WhatsApp) from a day on."""

    channel = models.CharField(max_length=10, choices=Channel.choices)
    country = models.CharField(max_length=2)
    # On WhatsApp a wording's category may have a price of its own; empty is the price of the others.
    category = models.CharField(max_length=20, blank=True, default="")
    # Whose price it is; of any sender on its channel where none is named.
    sender = models.ForeignKey(
        Sender, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    amount = models.DecimalField(max_digits=8, decimal_places=4)
    currency = models.CharField(max_length=3, default="USD")
    valid_from = models.DateField()
    source = models.CharField(max_length=120)
    example = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["channel", "country", "category", "valid_from"],
                name="one_price",
                condition=models.Q(sender__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["sender", "country", "category", "valid_from"],
                name="one_price_of_a_sender",
                condition=models.Q(sender__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.country} {self.amount} {self.currency}"
