"""Who may do what in the CMS: for now one group, the editors."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.models import GroupPagePermission, Page

from cms.models import Claim, ContactPoint, Fact, Pathway, Route, Source

EDITORS = "Editors"
PAGE_RIGHTS = ("add_page", "change_page", "publish_page")
SNIPPETS = (Fact, Pathway, Claim, ContactPoint, Source)


def ensure_editor_group() -> Group:
    """Return Wagtail's group of editors with what ours need; running it twice changes nothing."""
    group, _made = Group.objects.get_or_create(name=EDITORS)
    rights = Permission.objects.filter(
        content_type__app_label="wagtailadmin", codename="access_admin"
    )
    group.permissions.add(*rights, *_snippet_rights())
    # The root holds the home page of every language.
    root = Page.get_first_root_node()
    for codename in PAGE_RIGHTS:
        permission = Permission.objects.get(
            content_type__app_label="wagtailcore", codename=codename
        )
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    return group


def _snippet_rights() -> list[Permission]:
    rights: list[Permission] = []
    for model in SNIPPETS:
        kind = ContentType.objects.get_for_model(model)
        wanted = [f"{act}_{model._meta.model_name}" for act in ("add", "change", "publish", "view")]
        rights.extend(Permission.objects.filter(content_type=kind, codename__in=wanted))
    view = ContentType.objects.get_for_model(Route)
    rights.extend(Permission.objects.filter(content_type=view, codename="view_route"))
    return rights
