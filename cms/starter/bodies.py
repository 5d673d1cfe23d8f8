"""The text of a plain page as a starter file holds it, and as the blocks that it is kept in."""

HEADING, POINT = "## ", "- "


def split_body(text: str) -> list[tuple[str, str | list[str]]]:
    """Return the blocks of a text: an empty line ends a paragraph, `## ` heads, `- ` is a point."""
    blocks: list[tuple[str, str | list[str]]] = []
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        is_mark = line.startswith((HEADING, POINT))
        if lines and (is_mark or not line.strip()):
            blocks.append(("paragraph", " ".join(lines)))
            lines = []
        if line.startswith(HEADING):
            blocks.append(("heading", line.removeprefix(HEADING).strip()))
        elif line.startswith(POINT):
            _add_point(blocks, line.removeprefix(POINT).strip())
        elif line.strip():
            lines.append(line.strip())
    return blocks


def _add_point(blocks: list[tuple[str, str | list[str]]], point: str) -> None:
    kind, value = blocks[-1] if blocks else ("", "")
    if kind == "points" and isinstance(value, list):
        value.append(point)
    else:
        blocks.append(("points", [point]))
