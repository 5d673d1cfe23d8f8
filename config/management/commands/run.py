"""`manage.py run`: the whole house in one terminal, for rehearsals."""

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.people import sign_ins
from config.running import RunError, Stack, stop_on_signals


class Command(BaseCommand):
    """Set up what is missing, start everything, and stop it on Ctrl-C."""

    help = "Run the site, the worker, the clock and the sandbox until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop_on_signals()
        try:
            with Stack(prepare=lambda: call_command("setup")) as stack:
                self._say_where_things_are()
                stack.watch()
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. The next run carries on from here.")
        except RunError as error:
            raise CommandError(str(error)) from None

    def _say_where_things_are(self) -> None:
        rows = [
            ("Site", f"{settings.PUBLIC_URL}/"),
            ("Editors", f"{settings.PUBLIC_URL}/cms/"),
            ("Partners", f"{settings.PUBLIC_URL}/desk/"),
            ("Phones", f"{settings.SANDBOX_URL}/"),
            ("Codes", f"{settings.SANDBOX_URL}/codes"),
        ]
        lines = ["", "This is a rehearsal: it can reach no real phone.", ""]
        lines += [f"  {name:<10} {address}" for name, address in rows]
        lines += ["", "Sign in with a password and a code, as"]
        lines += [f"  {role:<27} {email}   {password}" for role, email, password in sign_ins()]
        lines += ["", f"Logs are in {settings.DATA_DIR}/logs. Ctrl-C stops everything."]
        self.stdout.write("\n".join(lines))
        sys.stdout.flush()
