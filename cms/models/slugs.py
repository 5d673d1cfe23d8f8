"""Names of pages in addresses: which of them something else of the readers' side already has."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# What stands below a language and is no page of the tree; `r` is kept beside `m` to be told apart.
RESERVED_SLUGS = frozenset({"help", "search", "story", "alert", "join", "stop", "m", "r"})


class BelowHome(models.Model):
    """A page that stands right below the first page of its language."""

    slug: Any

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse a name that would hide the page behind something else."""
        super().clean()
        if self.slug in RESERVED_SLUGS:
            words = _("“%(slug)s” is the address of something else on every site. Choose another.")
            raise ValidationError({"slug": words % {"slug": self.slug}})
