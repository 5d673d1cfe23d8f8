"""The documents and the code say the same."""

import re

from tests.architecture.sources import BASE_DIR

VARIABLE = re.compile(r"\bWAYMARK_[A-Z][A-Z0-9_]*\b")


def read(name: str) -> str:
    return (BASE_DIR / name).read_text(encoding="utf-8")


def read_settings() -> str:
    return read("config/settings.py") + read("config/aws.py")


def test_every_setting_is_explained_and_every_explained_setting_exists() -> None:
    read_by_us = set(re.findall(r'"(WAYMARK_[A-Z0-9_]+)"', read_settings()))
    explained = set(
        re.findall(r"^\| `(WAYMARK_[A-Z0-9_]+)`", read("docs/settings.md"), re.MULTILINE)
    )

    assert read_by_us
    assert explained == read_by_us


def test_no_other_place_names_a_setting_that_does_not_exist() -> None:
    known = set(VARIABLE.findall(read_settings()))

    for name in ("config/running.py", "Makefile", ".ci/check-deployment", "docs/settings.md"):
        assert set(VARIABLE.findall(read(name))) <= known, name


def test_every_target_of_the_makefile_is_listed_in_its_own_help() -> None:
    makefile = read("Makefile")
    described = set(re.findall(r"^#   make (\w+)", makefile, re.MULTILINE))

    assert {"run", "demo", "test", "check", "bench"} <= described
    for target in described:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
