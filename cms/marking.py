"""The mark on a title that nobody has translated yet: a page cannot be without one. Knows no database."""

_BEGINNING = "[not translated"


def mark(title: str, *, language: str, longest: int) -> str:
    """Return a title that says it is not in this language yet."""
    return f"{_BEGINNING}: {language}] {title}"[:longest]


def is_marked(title: str) -> bool:
    """Tell whether a title says that it is not translated."""
    return title.startswith(_BEGINNING)
