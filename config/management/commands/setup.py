"""`manage.py setup`: the database, the starter content and what a rehearsal needs; repeats are harmless."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from campaigns.models import Partner
from config import rehearsal
from config.people import PARTNER, ensure_people


class Command(BaseCommand):
    """Set up what is missing and leave the rest as it is."""

    help = "Set up the database, the starter content and, in a rehearsal, its people and senders."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if self._has_migrations_to_run():
            self.stdout.write("Setting up the database …")
            call_command("migrate", verbosity=0)
        call_command("load_starter", stdout=self.stdout)
        rehearsal.ensure_fence()
        rehearsal.ensure_country_rules()
        if settings.REHEARSAL:
            rehearsal.ensure_senders()
            rehearsal.ensure_example_prices()
            rehearsal.ensure_clearances(now=timezone.now())
            rehearsal.ensure_registrations(now=timezone.now())
            rehearsal.ensure_join_words()
            rehearsal.ensure_prepared_answers()
            ensure_people()
            partner = Partner.objects.get(name=PARTNER)
            rehearsal.ensure_campaign(partner, now=timezone.now())
            rehearsal.ensure_budgets(partner, now=timezone.now())

    def _has_migrations_to_run(self) -> bool:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
