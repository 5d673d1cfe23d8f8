"""The roles as groups, and nobody publishes directly any more. Their rights follow when it is done:
`cms.roles.ensure_roles` runs after every `migrate`, for rights exist only then.
"""

from django.db import migrations

ROLES = [
    "Editors",
    "Translators",
    "Reviewers",
    "Protection reviewers",
    "Publishers",
    "Administrators",
]
# What version 0.1.0 gave to editors.
ENTRIES = ["fact", "pathway", "claim", "contactpoint", "source"]
WAGTAILS_WORKFLOW = "Moderators approval"


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name in ROLES:
        Group.objects.get_or_create(name=name)


def take_publishing_from_editors(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    editors = Group.objects.get(name="Editors")
    names = [f"publish_{model}" for model in ENTRIES]
    rights = Permission.objects.filter(content_type__app_label="cms", codename__in=names)
    editors.permissions.remove(*rights)
    pages = apps.get_model("wagtailcore", "GroupPagePermission")
    pages.objects.filter(group=editors, permission__codename="publish_page").delete()


def retire_wagtails_workflow(apps, schema_editor):
    """Wagtail comes with one of its own, which knows none of our rules."""
    Workflow = apps.get_model("wagtailcore", "Workflow")
    state = apps.get_model("wagtailcore", "WorkflowState")
    for workflow in Workflow.objects.filter(name=WAGTAILS_WORKFLOW):
        if not state.objects.filter(workflow=workflow).exists():
            apps.get_model("wagtailcore", "WorkflowPage").objects.filter(
                workflow=workflow
            ).delete()
            workflow.active = False
            workflow.save()


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0004_drop_old_names"),
        ("wagtailcore", "0098_apitoken"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(take_publishing_from_editors, migrations.RunPython.noop),
        migrations.RunPython(retire_wagtails_workflow, migrations.RunPython.noop),
    ]
