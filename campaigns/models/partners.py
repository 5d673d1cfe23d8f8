"""Partners: organisations in the field, and who works for them in which role."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Partner(models.Model):
    """Hold one organisation in the field."""

    name = models.CharField(max_length=120, unique=True)

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
