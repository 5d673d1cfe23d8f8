"""Keep the interface's translations: `manage.py translations extract | compile | check`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.catalogs import (
    UNREADABLE,
    catalog_path,
    collect_messages,
    compile_catalog,
    find_problems,
    update_catalog,
)

FOLDERS = ("config", "cms", "messaging", "campaigns", "analytics", "locales")


class Command(BaseCommand):
    """Extract, compile or check the catalogues of every language but the source's."""

    help = "Extract, compile or check the interface's translations, without GNU gettext."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one word: what to do."""
        parser.add_argument("action", choices=("extract", "compile", "check"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it for each language, or fail with every reason found."""
        folder = Path(settings.LOCALE_PATHS[0])
        languages = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        actions = {"extract": self._extract, "compile": self._compile, "check": self._check}
        actions[options["action"]]({code: catalog_path(folder, code) for code in languages})

    def _extract(self, catalogs: dict[str, Path]) -> None:
        messages = collect_messages(Path(settings.BASE_DIR), FOLDERS)
        for language, path in catalogs.items():
            with _naming(path):
                changed = update_catalog(path, language, messages)
            verb = "updated" if changed else "unchanged"
            self.stdout.write(f"{language}: {verb}, {len(messages)} messages")

    def _compile(self, catalogs: dict[str, Path]) -> None:
        for language, path in catalogs.items():
            with _naming(path):
                compile_catalog(path, language)
            self.stdout.write(f"{language}: compiled")

    def _check(self, catalogs: dict[str, Path]) -> None:
        messages = collect_messages(Path(settings.BASE_DIR), FOLDERS)
        problems = [
            f"{path}: {problem}"
            for language, path in catalogs.items()
            for problem in find_problems(path, language, messages)
        ]
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{len(messages)} messages, all translated: {', '.join(catalogs)}")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CommandError(f"{path}: there is no such file; `extract` makes it") from error
    except UNREADABLE as error:
        raise CommandError(f"{path}: {error}") from error
