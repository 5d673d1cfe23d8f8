"""Rows of values as a table within a statement, written alike for PostgreSQL and SQLite.

One statement for a thousand rows instead of a thousand: `INSERT … SELECT`, `UPDATE … FROM`.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection


def lay_rows(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Return a table expression and its parameters; `columns` maps names to PostgreSQL's types.

    There must be at least one row.
    It is written after FROM and named there: `FROM {laid} AS given`. Names are fixed text of ours.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        named = ", ".join(columns)
        values: list[Any] = [list(column) for column in zip(*rows, strict=True)]
        return f"(SELECT * FROM unnest({arrays}) AS laid({named}))", values  # noqa: S608
    picked = ", ".join(
        f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns)
    )
    laid = f"(SELECT {picked} FROM json_each(%s))"  # noqa: S608
    return laid, [json.dumps(rows, default=_as_text)]


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return str(connection.ops.adapt_datetimefield_value(value))
    return str(value)
