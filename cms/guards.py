"""What stands between people and live texts, put up once when Django is ready."""

from typing import Any

from django.db.models.signals import post_migrate
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.permissions import register_permission_policy

from cms.deleting import guard_deletion
from cms.linting.gate import check_submittable
from cms.models import Entry, MessagePage, before_reading
from cms.rights import EntryPolicy, permissions_for_user
from cms.roles import ensure_roles_after_migrating


def put_up_guards(config: Any) -> None:
    """Let our rules answer wherever Wagtail asks who may do what."""
    # Not on our page models alone: bulk actions and copying ask the page's base.
    Page.permissions_for_user = permissions_for_user
    for model in Entry.__subclasses__():
        register_permission_policy(model, EntryPolicy(model), exact_class=True)
    guard_deletion()
    before_reading.connect(ask_the_linter, dispatch_uid="cms.ask_the_linter")
    post_migrate.connect(
        ensure_roles_after_migrating, sender=config, dispatch_uid="cms.ensure_roles"
    )


def ask_the_linter(row: Any, revision: Revision, **_signal: Any) -> None:
    """Raise NotSubmittable for a message that breaks a rule, when it is submitted and when approved."""
    if isinstance(row, MessagePage):
        check_submittable(revision.as_object(), today=timezone.localdate())
