"""Run the sandbox: fictional phones on this machine, in place of Twilio."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.sandbox.pace import PACES
from messaging.sandbox.server import HOST, Options, PortTaken, Sandbox, serve


class Command(BaseCommand):
    help = "Run the sandbox: fictional phones on this machine, in place of Twilio."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.SANDBOX_PORT)
        parser.add_argument(
            "--pace", choices=sorted(PACES), default="natural", help="how soon receipts come"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            # It would sign with the live token, and anybody on this machine could forge a STOP.
            raise CommandError("This is a live deployment. The sandbox is for rehearsals only.")
        port, pace = options["port"], options["pace"]
        chosen = Options(
            account=settings.TWILIO_ACCOUNT_SID,
            token=settings.TWILIO_AUTH_TOKENS[0],
            port=port,
            store=settings.DATA_DIR / "sandbox.sqlite3",
            inbound_url=f"{settings.PUBLIC_URL}/hooks/twilio/inbound/",
            pace=pace,
            sign_ins=settings.DATA_DIR / "sign-ins.json",
        )
        try:
            asyncio.run(serve(Sandbox(chosen), self._announce))
        except PortTaken:
            raise CommandError(
                f"Port {port} is in use, so the sandbox cannot listen there. Move it with"
                " WAYMARK_SANDBOX_PORT or --port (the site must be told the same port)."
            ) from None

    def _announce(self, port: int) -> None:
        self.stdout.write(f"Sandbox: http://{HOST}:{port}/ (fictional phones only)")
        self.stdout.flush()
