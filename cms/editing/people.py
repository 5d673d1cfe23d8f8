"""Accounts in the CMS: only a superuser makes another one, and only she changes the account of one."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.users.views.users import CreateView, EditView, UserViewSet


class KeepsMight:
    """A view that leaves it to superusers who is one."""

    request: HttpRequest

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """Shut the box that gives all rights; what is sent for a shut box counts for nothing."""
        form: Any = super().get_form(*args, **kwargs)  # type: ignore[misc]
        box = form.fields.get("is_superuser")
        if box is not None and not is_superuser(self.request):
            box.disabled = True
            box.help_text = _("Only somebody who has all rights gives them.")
        return form


class AddPerson(KeepsMight, CreateView):
    """Add an account."""


class EditPerson(KeepsMight, EditView):
    """Change an account."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Refuse a superuser's account: a new password or address would be a way into it."""
        super().setup(request, *args, **kwargs)
        if self.object.is_superuser and not is_superuser(request):
            raise PermissionDenied


def is_superuser(request: HttpRequest) -> bool:
    """Tell whether the person who asks has all rights."""
    return bool(getattr(request.user, "is_superuser", False))


class PeopleViewSet(UserViewSet):
    """List, add and edit accounts."""

    add_view_class = AddPerson
    edit_view_class = EditPerson
    # A copy is made by a view of its own, which leaves the box that gives all rights open.
    copy_view_enabled = False
