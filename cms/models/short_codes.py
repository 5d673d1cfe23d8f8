"""Short codes: what stands in the link of one page in one language. They say nothing about it."""

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

# Read aloud and typed on a cheap phone: no 0 and o, no 1, i and l; no vowels, so that no word comes out.
CODE_LETTERS = "23456789bcdfghjkmnpqrstvwxyz"
CODE_LENGTH = 5


class ShortLinked(models.Model):
    """A page that has a short link of its own in each language."""

    # The column is unique in one table; `is_taken` looks in all of them.
    code = models.CharField(_("short code"), max_length=8, unique=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new page its code; a copy, also one for translation, gets its own."""
        self.ensure_code()
        super().save(*args, **kwargs)

    def ensure_code(self) -> None:
        """Draw a code where there is none, or where it is another page's."""
        while not self.code or is_taken(self.code, by_other_than=self):
            self.code = draw_code()


def draw_code() -> str:
    """Draw a short code by chance."""
    return "".join(secrets.choice(CODE_LETTERS) for _letter in range(CODE_LENGTH))


def is_taken(code: str, *, by_other_than: ShortLinked) -> bool:
    """Tell whether another page of any kind has a code."""
    # All of them are pages of one tree, so that one number is never that of two.
    return any(
        model._base_manager.filter(code=code).exclude(pk=by_other_than.pk).exists()
        for model in ShortLinked.__subclasses__()
    )
