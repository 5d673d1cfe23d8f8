"""Questions: what people wrote that no menu answers, and who at the desk takes care of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import make_code
from campaigns.models.partners import Partner


class Question(models.Model):
    """Hold one message that needs a person; its text and who wrote it stay with messaging."""

    class State(models.TextChoices):
        """Name how far it has come."""

        OPEN = "open", _("waits for an answer")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    class Outcome(models.TextChoices):
        """Name how it ended."""

        ANSWERED = "answered", _("answered")
        REFERRED = "referred", _("sent on to a contact point")
        NO_ANSWER = "no_answer", _("there is nothing to answer")
        UNREACHABLE = "unreachable", _("nobody could be reached")
        LAPSED = "lapsed", _("its text was erased before anybody read it")

    code = models.CharField(max_length=8, unique=True, default=make_code, editable=False)
    # Messaging's own opaque name of the message.
    inbound = models.UUIDField(unique=True, editable=False)
    channel = models.CharField(max_length=10)
    # Our own address that she wrote to: on WhatsApp only that one can answer.
    written_to = models.CharField(max_length=64, blank=True, default="", editable=False)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=8)
    routes = models.JSONField(default=list)
    # The route it is most likely about: the one that she was last written to about.
    topic = models.CharField(max_length=30, blank=True, default="")
    urgent = models.BooleanField(default=False)
    # Whose last broadcast she answers to; none, where nobody sent her anything.
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    received_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-urgent", "received_at")
        indexes = (
            models.Index(fields=["state", "-urgent", "received_at"], name="inbox"),
            models.Index(fields=["partner", "state"], name="inbox_partner"),
        )

    def __str__(self) -> str:
        return f"Question {self.code}"


class PreparedAnswer(models.Model):
    """Hold one text to answer with, in one language; of one partner, or of all where it names none."""

    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.CASCADE, related_name="answers"
    )
    title = models.CharField(max_length=80)
    language = models.CharField(max_length=8)
    text = models.TextField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("title", "language")
        constraints = (
            models.UniqueConstraint(
                fields=["partner", "title", "language"], name="one_prepared_answer"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"
