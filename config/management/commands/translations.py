"""Keep the interface's translations: `manage.py translations extract | compile | check`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.catalogs import (
    UNREADABLE,
    catalog_path,
    collect_messages,
    find_problems,
    read_catalog,
    update_catalog,
)
from config.compiling import write_compiled
from config.scopes import SCOPES, Scope
from locales.languages import CONTENT_LANGUAGES, LAST_RESORT

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
        actions = {"extract": self._extract, "compile": self._compile, "check": self._check}
        actions[options["action"]](Path(settings.LOCALE_PATHS[0]))

    def _extract(self, folder: Path) -> None:
        wanted = _collect_wanted()
        for language, scope in SCOPES.items():
            path, messages = catalog_path(folder, language), wanted[scope]
            with _naming(path):
                changed = update_catalog(path, language, messages)
            verb = "updated" if changed else "unchanged"
            self.stdout.write(f"{language}: {verb}, {len(messages)} messages")

    def _compile(self, folder: Path) -> None:
        catalogs: dict[str, Catalog] = {}
        for language in SCOPES:
            path = catalog_path(folder, language)
            with _naming(path):
                catalogs[language] = read_catalog(path, language)
        for language in CONTENT_LANGUAGES:
            if language != LAST_RESORT:
                with _naming(catalog_path(folder, language)):
                    write_compiled(folder, language, catalogs)
        self.stdout.write(f"{len(CONTENT_LANGUAGES) - 1} languages compiled")

    def _check(self, folder: Path) -> None:
        wanted = _collect_wanted()
        paths = {language: catalog_path(folder, language) for language in SCOPES}
        problems = [
            f"{paths[language]}: {problem}"
            for language, scope in SCOPES.items()
            for problem in find_problems(paths[language], language, wanted[scope])
        ]
        if problems:
            raise CommandError("\n".join(problems))
        for scope, messages in wanted.items():
            languages = ", ".join(language for language in SCOPES if SCOPES[language] is scope)
            self.stdout.write(f"{len(messages)} messages, all translated: {languages}")


def _collect_wanted() -> dict[Scope, Catalog]:
    root = Path(settings.BASE_DIR)
    return {
        scope: collect_messages(root, FOLDERS, scope) for scope in dict.fromkeys(SCOPES.values())
    }


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CommandError(f"{path}: there is no such file; `extract` makes it") from error
    except UNREADABLE as error:
        raise CommandError(f"{path}: {error}") from error
