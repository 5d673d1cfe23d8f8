"""Canaries: the first few of a large broadcast, sent alone and judged before all others."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import Broadcast


class Canary(models.Model):
    """Hold how the first few of one broadcast fared, and what followed from it."""

    class State(models.TextChoices):
        """Name the steps of a canary."""

        SENDING = "sending", _("the first few are being sent")
        WATCHED = "watched", _("the first few are watched")
        PASSED = "passed", _("the first few fared well")
        STOPPED = "stopped", _("stopped: the first few fared badly")

    broadcast = models.OneToOneField(Broadcast, on_delete=models.CASCADE, related_name="canary")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENDING)
    people = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    # What it was judged by: handed over, failed and stopped, each a count.
    figures = models.JSONField(default=dict, blank=True)
    # Codes, put into words for whoever reads them.
    reasons = models.JSONField(default=list, blank=True)
    # A person let the rest go although the first few fared badly.
    released_by = models.ForeignKey(
        "auth.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"Canary of broadcast {self.broadcast_id}: {self.state}"
