"""Results of `faro query` as a table or as CSV that a spreadsheet cannot be tricked with."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.table import Table


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], limit: int) -> Table:
    """The rows as a terminal table; the caption says so when `limit` cut them."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    if len(rows) >= limit:
        table.caption = f"the first {limit} rows; more with --limit"
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    return table


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The rows as CSV; text that a spreadsheet would run as a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_inert(value) for value in row])
    return buffer.getvalue()


def _inert(value: object) -> object:
    # OWASP, "CSV injection": these first characters start a formula.
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
