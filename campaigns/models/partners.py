"""Partners: organisations in the field, what each may do, and who works for them in which role."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Partner(models.Model):
    """Hold one organisation in the field and its limits; an empty list or number sets no limit."""

    name = models.CharField(max_length=120, unique=True)
    countries = models.JSONField(default=list, blank=True, help_text=_("codes of countries"))
    routes = models.JSONField(default=list, blank=True, help_text=_("codes of routes"))
    languages = models.JSONField(default=list, blank=True, help_text=_("codes of languages"))
    people_a_broadcast = models.PositiveIntegerField(null=True, blank=True)
    people_an_hour = models.PositiveIntegerField(null=True, blank=True)
    people_a_day = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Say that a person works for a partner in a role."""

    class Role(models.TextChoices):
        """Name the roles at the desk."""

        SCHEDULER = "scheduler", _("plans broadcasts")
        APPROVER = "approver", _("approves broadcasts")
        ANALYST = "analyst", _("reads reports")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "partner", "role"], name="one_role"),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.partner}"


class Invitation(models.Model):
    """Hold one invitation by e-mail: to a partner in a role, or to a group of staff."""

    email = models.EmailField()
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(max_length=10, choices=Membership.Role.choices, blank=True, default="")
    group = models.CharField(max_length=60, blank=True, default="")
    # What the letter holds is 256 bits by chance; only its SHA-256 is here.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-invited_at",)
        constraints = (
            models.CheckConstraint(
                condition=(Q(partner__isnull=False) & ~Q(role="") & Q(group=""))
                | (Q(partner__isnull=True) & Q(role="") & ~Q(group="")),
                name="invited_to_one_place",
            ),
        )

    def __str__(self) -> str:
        return f"Invitation {self.pk}"
