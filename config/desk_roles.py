"""Accounts and groups in the CMS, where whoever looks after content gives and takes no role at the desk.

Roles of staff are given at the desk, by an invitation that the audit notes. Whoever could rename a group,
set a colleague's password or delete her would have, or end, a role without a trace.
"""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from wagtail.users.views import groups
from wagtail.users.views.bulk_actions import (
    AssignRoleBulkAction,
    DeleteBulkAction,
    SetActiveStateBulkAction,
)
from wagtail.users.views.users import DeleteView

from campaigns.models import Membership
from campaigns.staff import STAFF
from cms.editing.people import AddPerson, EditPerson, PeopleViewSet, is_superuser

# What would be a way into an account.
_WAYS_IN = ("username", "email", "password1", "password2")


def works_at_the_desk(person: User) -> bool:
    """Say whether somebody is staff or works for a partner."""
    is_staff = person.groups.filter(name__in=STAFF).exists()
    return is_staff or Membership.objects.filter(user=person).exists()


def _content_groups() -> QuerySet[Group]:
    return Group.objects.exclude(name__in=STAFF)


# ---- One account -------------------------------------------------------------------------------


class AddContentPerson(AddPerson):
    """Add an account without a role of staff."""

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """Offer the groups of the CMS alone."""
        return _offer_content_groups(super().get_form(*args, **kwargs))


class EditContentPerson(EditPerson):
    """Change an account and leave its roles of staff, and the ways into that of a colleague of the desk."""

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """Shut what would be a way in; what is sent for a shut field counts for nothing."""
        form = _offer_content_groups(super().get_form(*args, **kwargs))
        if is_superuser(self.request) or not works_at_the_desk(self.object):
            return form
        for name in _WAYS_IN:
            form.fields[name].disabled = True
            form.fields[name].help_text = _(
                "This person works at the desk: here only somebody who has all rights changes this."
            )
        return form

    def save_instance(self) -> Any:
        """Save what was typed; the roles of staff, which the form does not know, stay."""
        kept = list(self.object.groups.filter(name__in=STAFF))
        person = super().save_instance()
        person.groups.add(*kept)
        return person


class DeletePerson(DeleteView):
    """Delete an account that has no role at the desk."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse somebody of the desk: her roles would end, and no entry of the audit would say so."""
        if not is_superuser(request) and works_at_the_desk(self.get_object()):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class ContentPeople(PeopleViewSet):
    """List, add and edit accounts."""

    add_view_class = AddContentPerson
    edit_view_class = EditContentPerson
    delete_view_class = DeletePerson


def _offer_content_groups(form: Any) -> Any:
    field = form.fields["groups"]
    field.queryset = _content_groups()
    field.help_text = _("Roles of staff are given at the desk, by an invitation.")
    return form


# ---- Several accounts --------------------------------------------------------------------------


class _ContentRoleForm(forms.Form):
    role = forms.ModelChoiceField(queryset=_content_groups())


class _LeavesSuperusers:
    request: HttpRequest

    def check_perm(self, person: User) -> bool:
        """Leave a superuser's account to superusers."""
        may = bool(super().check_perm(person))  # type: ignore[misc]
        return may and (is_superuser(self.request) or not person.is_superuser)


class GiveRole(_LeavesSuperusers, AssignRoleBulkAction):
    """Give several people a role of the CMS."""

    form_class = _ContentRoleForm


class DeletePeople(_LeavesSuperusers, DeleteBulkAction):
    """Delete several accounts that have no role at the desk."""

    def check_perm(self, person: User) -> bool:
        """Leave out who works at the desk, as when one is deleted."""
        may = super().check_perm(person)
        return may and (is_superuser(self.request) or not works_at_the_desk(person))


class SetActive(_LeavesSuperusers, SetActiveStateBulkAction):
    """Let several people in, or shut them out."""


# ---- Groups ------------------------------------------------------------------------------------


class EditGroup(groups.EditView):
    """Change a group of the CMS."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse a group of staff: it is known by its name, which another group could then have."""
        _refuse_staff(request, self.kwargs["pk"])
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class DeleteGroup(groups.DeleteView):
    """Delete a group of the CMS."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse a group of staff."""
        _refuse_staff(request, self.kwargs["pk"])
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class ContentGroups(groups.GroupViewSet):
    """List, add and edit groups."""

    edit_view_class = EditGroup
    delete_view_class = DeleteGroup


def _refuse_staff(request: HttpRequest, pk: Any) -> None:
    if not is_superuser(request) and Group.objects.filter(pk=pk, name__in=STAFF).exists():
        raise PermissionDenied
