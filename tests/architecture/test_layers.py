"""Imports run down only, and so do the tables' references."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.search import index
from wagtail.snippets.models import get_snippet_models

from tests.architecture.sources import BASE_DIR, LAYERS, PACKAGES, sources

STEPS = {name: step for step, names in enumerate(LAYERS) for name in names}
# Whoever needs one of these asks the one module that may import it.
SOLE_IMPORTERS = {
    "phonenumbers": {"messaging/numbers.py"},
    # What is sealed goes through crypto or boxes; sns only checks who signed what SNS brings.
    "cryptography": {
        "messaging/sealing/boxes.py",
        "messaging/sealing/crypto.py",
        "messaging/providers/sns.py",
    },
}


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in PACKAGES]


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]

    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_foreign_key_points_up_or_sideways() -> None:
    wrong = []
    for model in our_models():
        own = model._meta.app_label
        for field in (*model._meta.get_fields(), *model._meta.private_fields):
            target = getattr(field, "related_model", None)
            if field.auto_created or not (isinstance(target, type) and issubclass(target, Model)):
                continue
            other = target._meta.app_label
            if other in STEPS and other != own and STEPS[other] >= STEPS[own]:
                wrong.append(f"{own}.{model.__name__}.{field.name} -> {other}.{target.__name__}")

    assert wrong == []


def test_no_model_of_ours_lives_in_a_table_of_another_layer() -> None:
    wrong = [
        f"{model.__module__}.{model.__name__}"
        for model in our_models()
        if model.__module__.partition(".")[0] != model._meta.app_label
    ]

    assert wrong == []


@pytest.mark.parametrize("mixin", [RevisionMixin, DraftStateMixin, index.Indexed])
def test_people_have_no_revisions_no_drafts_and_no_search_index(mixin: type) -> None:
    people = list(apps.get_app_config("messaging").get_models())

    assert people
    assert [model.__name__ for model in people if issubclass(model, mixin)] == []


def test_people_are_no_snippets() -> None:
    snippets = {model._meta.label for model in get_snippet_models()}

    assert {label for label in snippets if not label.startswith("cms.")} & {
        model._meta.label for model in our_models()
    } == set()


@pytest.mark.parametrize("library", sorted(SOLE_IMPORTERS))
def test_library_has_one_importer(library: str) -> None:
    importers = {
        source.name
        for source in sources()
        if not source.is_test
        and not source.name.startswith("benchmarks/")
        and library in imported_libraries(source.tree)
    }

    assert importers <= SOLE_IMPORTERS[library]


def imported_libraries(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
