"""Carry over what was known: route names become rows, the pack's translations are machine-made."""

from django.db import migrations

AUTHORITIES = {"frontex_name": "Frontex", "iom_name": "IOM"}
FILES = {
    "facts": "Fact",
    "contact_points": "ContactPoint",
    "pathways": "Pathway",
    "claims": "Claim",
    "messages": "MessagePage",
}
# What an error in it could do (cms.starter.harm has the rule for what is loaded from now on).
DANGEROUS_CONTACTS = [
    "emergency_sea",
    "emergency_land",
    "shelter_gbv_trafficking",
    "medical_mhpss",
    "family_tracing",
]


def name_routes(apps, schema_editor):
    Route, RouteName = apps.get_model("cms", "Route"), apps.get_model("cms", "RouteName")
    for route in Route.objects.all():
        for order, (field, authority) in enumerate(AUTHORITIES.items()):
            if name := getattr(route, field):
                RouteName.objects.create(
                    route=route, authority=authority, name=name, sort_order=order
                )


def mark_machine_made(apps, schema_editor):
    loaded = apps.get_model("cms", "LoadedEntry").objects.exclude(language="en")
    for file, model in FILES.items():
        rows = apps.get_model("cms", model).objects.filter(translation_state="unreviewed")
        for key, language in loaded.filter(file=file).values_list("key", "language"):
            rows.filter(key=key, locale__language_code=language).update(
                translation_state="machine"
            )
    codes = loaded.filter(file="route pages").values_list("key", "language")
    pages = apps.get_model("cms", "RoutePage").objects.filter(translation_state="unreviewed")
    for code, language in codes:
        pages.filter(migration_route__code=code, locale__language_code=language).update(
            translation_state="machine"
        )


def weigh_contacts(apps, schema_editor):
    points = apps.get_model("cms", "ContactPoint").objects
    points.filter(kind__in=DANGEROUS_CONTACTS).update(harm_class="high")


class Migration(migrations.Migration):
    dependencies = [("cms", "0002_content_that_knows")]

    operations = [
        migrations.RunPython(name_routes, migrations.RunPython.noop),
        migrations.RunPython(mark_machine_made, migrations.RunPython.noop),
        migrations.RunPython(weigh_contacts, migrations.RunPython.noop),
    ]
