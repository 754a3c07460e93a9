"""Delimited text as German practice programs write it: finds the separator and the head, and reads row by row.

Nothing is known here of fields; what the cells mean is read in `people` and `appointments`. Only one row is in memory at a time.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from messaging.importers import problems
from messaging.importers.decoding import encoding_of
from messaging.importers.problems import FileRefused

SEPARATORS = (";", ",", "\t")
SEPARATOR_LABELS = {";": "Semikolon", ",": "Komma", "\t": "Tabulator"}

#: Excel obeys such a first line and does not show it, so it is no row.
_SEPARATOR_LINE = re.compile(r"\s*sep=([;,|\t])\s*", re.IGNORECASE)
_LONGEST_HEAD_LINE = 100_000
# What stands in data but not in the name of a column: a date, a mail address, a number with several digits.
_LOOKS_LIKE_DATA = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d\d-\d\d|\S+@\S+|[+0-9][0-9 /()-]{3,}|[A-Z]{1,3}\d{3,}")

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. `head_row` and the numbers of rows count as a spreadsheet does, from 1."""

    path: Path
    encoding: str
    separator: str
    head: tuple[str, ...]
    head_row: int


def layout_of(path: Path, names_known: Callable[[list[str]], int]) -> Layout:
    """Find out how the file is written; raises FileRefused if it is not delimited text with a head.

    `names_known(cells)` tells how many cells are known as column names; the separator that makes the most of them is right.
    """
    encoding = encoding_of(path)
    separator = _stated_separator(path, encoding) or _likely_separator(path, encoding, names_known)
    head_row, head = _first_row(path, encoding, separator)
    if len(head) < 2:
        raise FileRefused(problems.NO_SEPARATOR)
    if not names_known(head) and any(_LOOKS_LIKE_DATA.fullmatch(cell.strip()) for cell in head):
        raise FileRefused(problems.NO_HEAD)
    return Layout(path, encoding, separator, _without_empty_end(head), head_row)


def rows(layout: Layout) -> Iterator[Row]:
    """Yield (row number, cells) of every row below the head that has something in it; raises FileRefused at a broken quote."""
    for number, cells in _all_rows(layout.path, layout.encoding, layout.separator):
        if number > layout.head_row and any(map(str.strip, cells)):
            yield number, cells


def _all_rows(path: Path, encoding: str, separator: str) -> Iterator[Row]:
    """Every row from 1, empty ones too, for a spreadsheet counts them as well."""
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        if _SEPARATOR_LINE.fullmatch(file.readline(_LONGEST_HEAD_LINE).removeprefix("\ufeff")) is None:
            file.seek(0)
        reader = csv.reader(file, delimiter=separator, strict=True)
        try:
            for number, cells in enumerate(reader, 1):
                yield number, cells
        except csv.Error as fault:
            raise FileRefused(_quote_problem(fault, number + 1)) from fault


def _quote_problem(fault: csv.Error, row: int) -> problems.Problem:
    """The reader has no codes, only words; a cell without an end also shows by outgrowing the reader's limit."""
    return problems.text_after_quote(row) if "expected after" in str(fault) else problems.open_quote(row)


def _stated_separator(path: Path, encoding: str) -> str | None:
    with path.open(encoding=encoding, newline="") as file:
        stated = _SEPARATOR_LINE.fullmatch(file.readline(_LONGEST_HEAD_LINE))
    return stated[1] if stated else None


def _likely_separator(path: Path, encoding: str, names_known: Callable[[list[str]], int]) -> str:
    def fitness(separator: str) -> tuple[int, int]:
        try:
            _, head = _first_row(path, encoding, separator)
        except FileRefused:
            return 0, 0
        return names_known(head), len(head)

    return max(SEPARATORS, key=fitness)


def _first_row(path: Path, encoding: str, separator: str) -> Row:
    """The first row that is not empty."""
    for number, cells in _all_rows(path, encoding, separator):
        if any(cell.strip() for cell in cells):
            return number, cells
    raise FileRefused(problems.EMPTY)


def _without_empty_end(head: list[str]) -> tuple[str, ...]:
    """The names without those of empty columns at the end, which spreadsheets leave behind."""
    names = [" ".join(name.split()) for name in head]
    while names and not names[-1]:
        names.pop()
    return tuple(names)
