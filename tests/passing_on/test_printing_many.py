"""Many leaflets from one process: the same bytes as one by one, and none lost with a process that ends."""

import json
import subprocess
from typing import Any

import pytest
from django.http import HttpRequest

from cms.passing_on import leaflets, views
from cms.passing_on.leaflets import Printer, printing_many

pytestmark = [
    pytest.mark.usefixtures("starter"),
    pytest.mark.skipif(
        not leaflets.is_possible(),
        reason="needs Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    ),
]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect the processes that are started."""
    processes: list[Any] = []
    start = subprocess.Popen

    def note(*words: Any, **how: Any) -> Any:
        processes.append(start(*words, **how))
        return processes[-1]

    monkeypatch.setattr("subprocess.Popen", note)
    return processes


def print_in(asked: HttpRequest, *languages: str) -> list[bytes]:
    answers = [views.leaflet(asked, language, "emed") for language in languages]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content for answer in answers]


def test_leaflet_is_the_same_bytes_whatever_was_printed_before_it(
    asked: HttpRequest, started: list[Any]
) -> None:
    english, arabic = print_in(asked, "en", "ar")
    assert len(started) == 2
    with printing_many():
        assert print_in(asked, "ar", "en", "ar") == [arabic, english, arabic]
    assert len(started) == 3
    assert started[-1].poll() is not None


def test_process_that_ends_takes_one_leaflet_with_it_at_most(
    asked: HttpRequest, started: list[Any]
) -> None:
    with printing_many():
        (before,) = print_in(asked, "en")
        started[0].kill()
        started[0].wait()
        assert views.leaflet(asked, "en", "emed").status_code == 404
        assert print_in(asked, "en") == [before]
    assert len(started) == 2


def test_printer_says_what_a_process_of_its_own_would() -> None:
    sheet = "<!doctype html><html lang=en><title>x</title><p>\U000f1234</html>"
    asked = json.dumps({"sheets": [sheet], "most_pages": 4}).encode()
    printer = Printer()
    try:
        done = printer.ask(asked)
    finally:
        printer.close()
    assert done.returncode == leaflets._ask_once(asked).returncode == 3
    assert (done.stdout, done.stderr) == (b"", b"no font has U+F1234\n")


def test_printing_that_takes_too_long_is_ended(
    asked: HttpRequest, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaflets, "PATIENCE", 0.01)
    with printing_many():
        assert views.leaflet(asked, "en", "emed").status_code == 404
    assert started[0].poll() is not None
