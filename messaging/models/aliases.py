"""Aliases: the user id under which WhatsApp may show a person instead of her number."""

from django.db import models


class Alias(models.Model):
    """Tie a WhatsApp user id to the number it came with, both as keyed hashes.

    A STOP may come with the user id alone; without this row it would find nobody.
    """

    alias_hash = models.BinaryField(max_length=16, unique=True)
    number_hash = models.BinaryField(max_length=16, db_index=True)
    seen_on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"Alias of {self.seen_on}"
