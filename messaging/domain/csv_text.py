"""A table as CSV that a German Excel opens by a double click: UTF-8 with BOM, semicolons, and no cell that runs as a formula.

Source of the rule: OWASP, "CSV Injection". What stands in the cells is the caller's business.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: A spreadsheet takes a cell that begins like this for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: A cell that begins with an apostrophe is text for every spreadsheet.
TEXT_SIGN = "'"


def csv_bytes(head: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """The whole file. None becomes an empty cell; numbers are written as they are, texts are defused."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell(value: object) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) else defused(str(value))


def defused(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it; blanks before the sign do not hide it."""
    runs = text.startswith(FORMULA_SIGNS) or text.lstrip(" ").startswith(FORMULA_SIGNS)
    return TEXT_SIGN + text if runs else text
