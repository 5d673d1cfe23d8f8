"""The progress bar: one line that is drawn anew in a terminal, a line now and then elsewhere."""

import io
import time

import pytest

from config.progress import Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def last_line(out: io.StringIO) -> str:
    return out.getvalue().rpartition("\r\033[K")[2]


@pytest.mark.parametrize(
    ("done", "total", "filled"), [(0, 40, 0), (10, 40, 8), (40, 40, 32), (50, 40, 32), (0, 0, 32)]
)
def test_bar_is_filled_by_its_share(done: int, total: int, filled: int) -> None:
    out = Terminal()
    Bar("Sending", total, out).show(done, "3 failed")
    line = last_line(out)
    assert line.count("█") == filled
    assert line.count("░") == 32 - filled
    assert f"{done} of {total}" in line
    assert line.endswith("3 failed")


def test_bar_is_drawn_on_one_line_until_its_end() -> None:
    out = Terminal()
    bar = Bar("Sending", 40, out)
    for done in range(41):
        bar.show(done)
    assert "\n" not in out.getvalue()
    bar.end()
    assert out.getvalue().endswith("\n")


def test_long_note_never_wraps_the_line() -> None:
    out = Terminal()
    Bar("Sending", 40, out).show(1, "x" * 500)
    assert len(last_line(out)) < 120


def test_elsewhere_it_says_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    out = io.StringIO()
    bar = Bar("Sending", 40, out)
    for second in range(12):
        clock[0] = 100.0 + second
        bar.show(second)
    lines = out.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == ["0", "6"]
    assert "\r" not in out.getvalue()


def test_elsewhere_the_last_count_is_said_at_the_end() -> None:
    out = io.StringIO()
    bar = Bar("Sending", 40, out)
    bar.show(1)
    bar.show(40, "all")
    bar.end()
    assert out.getvalue().splitlines()[-1].split() == ["Sending", "40", "of", "40", "all"]
