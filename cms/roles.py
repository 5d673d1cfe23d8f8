"""The roles of the CMS as groups with their rights, and the review that they take part in.

Made after every `migrate`, so that what is new has its rights too. Running it twice changes nothing;
a right that somebody has taken from one of these groups comes back: make a group of your own instead.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)
from wagtail.snippets.models import create_extra_permissions

from cms.models import (
    Entry,
    FactReview,
    ListedWord,
    ProtectionReview,
    Recording,
    Route,
    Source,
    StoryConsent,
)
from cms.rights import Role

EDITORS = Role.EDITORS.value
REVIEW = "Review"
FACTS = "Facts"
PROTECTION = "Protection"

ENTRIES: tuple[type[Model], ...] = tuple(Entry.__subclasses__())
WRITTEN: tuple[type[Model], ...] = (*ENTRIES, Source, StoryConsent, Recording)
SEEN: tuple[type[Model], ...] = (*WRITTEN, Route, ListedWord)

PAGES: dict[Role, tuple[str, ...]] = {
    Role.EDITORS: ("add", "change"),
    Role.TRANSLATORS: ("change",),
    # Locking is what lets a reader see the tree of pages; it changes no word.
    Role.REVIEWERS: ("lock", "unlock"),
    Role.PROTECTION_REVIEWERS: ("lock", "unlock"),
    Role.PUBLISHERS: ("change", "publish", "lock", "unlock"),
    Role.ADMINISTRATORS: ("add", "change", "publish", "bulk_delete", "lock", "unlock"),
}
ENTRY_RIGHTS: dict[Role, tuple[str, ...]] = {
    Role.EDITORS: ("add", "change"),
    Role.TRANSLATORS: ("change",),
    Role.PUBLISHERS: ("publish", "lock", "unlock"),
    Role.ADMINISTRATORS: ("add", "change", "publish", "delete", "lock", "unlock"),
}
# Beside entries: what only an administrator sets, and what editors need for pictures and languages.
FURTHER: dict[Role, tuple[str, ...]] = {
    Role.EDITORS: ("wagtail_localize.submit_translation",),
    Role.ADMINISTRATORS: (
        "wagtail_localize.submit_translation",
        "wagtail_localize.*",
        "auth.*_user",
        "auth.*_group",
        "wagtailcore.*_workflow",
        "wagtailcore.*_task",
        "wagtailcore.*_locale",
        "wagtailcore.*_site",
        "wagtailcore.*_collection",
        "cms.*",
    ),
}
FILES: dict[Role, tuple[str, ...]] = {
    Role.EDITORS: ("add_image", "change_image", "choose_image"),
    Role.ADMINISTRATORS: ("add_image", "change_image", "choose_image", "delete_image"),
}
# Their rights exist once their own migrations have run; ours may run before them.
RIGHTS_OF = ("cms", "auth", "wagtailadmin", "wagtailcore", "wagtailimages", "wagtail_localize")


def ensure_roles_after_migrating(**_signal: Any) -> None:
    """Make the roles once their tables are there."""
    needed = {FactReview._meta.db_table, "wagtailcore_workflow", "wagtailimages_image"}
    if needed <= set(connection.introspection.table_names()):
        ensure_roles()


def ensure_roles() -> dict[Role, Group]:
    """Return the groups of all roles with their rights, and let the review be theirs."""
    with transaction.atomic():
        for label in RIGHTS_OF:
            create_permissions(apps.get_app_config(label), verbosity=0)
        create_extra_permissions(apps.get_app_config("wagtailsnippets"))
        groups = {role: Group.objects.get_or_create(name=role.value)[0] for role in Role}
        everybody = [*_find(["wagtailadmin.access_admin"]), *_rights(["view"], SEEN)]
        for role, group in groups.items():
            group.permissions.add(*everybody, *_own_rights(role))
            _grant_pages(group, PAGES[role])
            _grant_files(group, FILES.get(role, ()))
        _ensure_review(groups)
    return groups


def _own_rights(role: Role) -> list[Permission]:
    found = _rights(ENTRY_RIGHTS.get(role, ()), ENTRIES)
    if role in {Role.EDITORS, Role.ADMINISTRATORS}:
        found += _rights(("add", "change"), (Source, StoryConsent, Recording))
    return [*found, *_find(FURTHER.get(role, ()))]


def _rights(acts: Iterable[str], models: Iterable[type[Model]]) -> list[Permission]:
    names = [f"{act}_{model._meta.model_name}" for act in acts for model in models]
    kinds = ContentType.objects.get_for_models(*models).values()
    return list(Permission.objects.filter(content_type__in=kinds, codename__in=names))


def _find(names: Iterable[str]) -> list[Permission]:
    """Return rights by `app.codename`; a star stands for every act, or for everything of an app."""
    found: list[Permission] = []
    for name in names:
        app, codename = name.split(".")
        rights = Permission.objects.filter(content_type__app_label=app)
        if codename.startswith("*"):
            rights = rights.filter(codename__endswith=codename[1:])
        else:
            rights = rights.filter(codename=codename)
        found += rights
    return found


def _grant_pages(group: Group, acts: Iterable[str]) -> None:
    # The root holds the home page of every language.
    root = Page.get_first_root_node()
    if root is None:
        return
    for act in acts:
        right = Permission.objects.get(
            content_type__app_label="wagtailcore", codename=f"{act}_page"
        )
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=right)


def _grant_files(group: Group, names: Iterable[str]) -> None:
    root = Collection.get_first_root_node()
    if root is None:
        return
    for name in names:
        right = Permission.objects.get(content_type__app_label="wagtailimages", codename=name)
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=root, permission=right
        )


# ---- The review --------------------------------------------------------------------------------


def _ensure_review(groups: dict[Role, Group]) -> None:
    """Let every page and entry go through one review, unless somebody has chosen another for it."""
    review, made = Workflow.objects.get_or_create(name=REVIEW)
    steps = (
        (FactReview, FACTS, Role.REVIEWERS),
        (ProtectionReview, PROTECTION, Role.PROTECTION_REVIEWERS),
    )
    for order, (model, name, role) in enumerate(steps):
        task: Any = model.objects.first() or model.objects.create(name=name)
        if made or not task.groups.exists():
            task.groups.add(groups[role])
            WorkflowTask.objects.get_or_create(
                workflow=review, task=task, defaults={"sort_order": order}
            )
    root = Page.get_first_root_node()
    if root is not None and (made or not WorkflowPage.objects.filter(page=root).exists()):
        WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": review})
    for kind in ContentType.objects.get_for_models(*ENTRIES, for_concrete_models=False).values():
        WorkflowContentType.objects.get_or_create(content_type=kind, defaults={"workflow": review})
