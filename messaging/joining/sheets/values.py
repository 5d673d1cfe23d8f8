"""What a sheet is made of, as frozen values; what stands in its cells is shown by none of them."""

from dataclasses import dataclass, field


class SheetError(Exception):
    """Say why a file is refused as a whole, and what to do; holds nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not empty: its number in the file, and its cells as texts.

    `figures` and `formulas` are the places of cells that a program holds as a figure, or calculates.
    """

    number: int
    cells: tuple[str, ...] = field(repr=False)
    figures: frozenset[int] = frozenset()
    formulas: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """All lines of a file that are not empty, and in which form they were read."""

    form: str
    lines: tuple[Line, ...] = field(repr=False)
    is_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line below the head, its cells by column; a column that is not there is an empty text."""

    line: int
    cells: dict[str, str] = field(repr=False)
    is_figure: bool = False
    has_formula: bool = False
