"""Prices: what one part costs, by channel and country, as dated rows."""

from django.db import models

from messaging.models.subscribers import Channel


class Price(models.Model):
    """Hold the price of one part (SMS) or one message (WhatsApp) from a day on."""

    channel = models.CharField(max_length=10, choices=Channel.choices)
    country = models.CharField(max_length=2)
    amount = models.DecimalField(max_digits=8, decimal_places=4)
    currency = models.CharField(max_length=3, default="USD")
    valid_from = models.DateField()
    source = models.CharField(max_length=120)
    example = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["channel", "country", "valid_from"], name="one_price"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.country} {self.amount} {self.currency}"
