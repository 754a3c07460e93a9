"""The structural pass: reads a whole file once, from the first byte to the last, before anything of it is stored.

Whatever makes a file unusable as a whole is found here, so that a broken file changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from messaging.importers import cells, columns, problems
from messaging.importers.delimited import Layout, Row, layout_of, rows
from messaging.importers.problems import FileRefused
from messaging.importers.repeats import Repeats

_SAMPLES = 3
_SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the structural pass found. `repeats` knows which keys stand in the file more than once (see `earlier_row`)."""

    layout: Layout
    row_count: int
    repeats: Repeats


def inspect(path: Path, kind: str, mapping: Mapping[int, str] | None = None) -> Inspection:
    """Read the file through; raises FileRefused if it is not what it should be.

    With `mapping` (column -> field) the columns that must be there are asked for as well.
    """
    layout = layout_of(path, lambda head: _names_known(head, kind))
    if mapping is not None:
        _require_columns(layout, kind, mapping)
    keys = [position for position, field in (mapping or {}).items() if field == "number"]
    repeats = Repeats()
    count = 0
    for _, row in rows(layout):
        count += 1
        for position in keys:
            if position < len(row):
                repeats.note(cells.clean(row[position]))
    if not count:
        raise FileRefused(problems.NO_ROWS)
    return Inspection(layout, count, repeats)


def samples(layout: Layout) -> dict[int, list[str]]:
    """Return column -> the first few values that stand in it, for the screen on which columns are matched."""
    found: dict[int, list[str]] = {position: [] for position in range(len(layout.head))}
    for _, row in _first(_SAMPLE_ROWS, rows(layout)):
        for position, values in found.items():
            value = cells.clean(row[position]) if position < len(row) else ""
            if value and value not in values and len(values) < _SAMPLES:
                values.append(value)
    return found


def _first(count: int, of: Iterator[Row]) -> Iterator[Row]:
    return (row for _, row in zip(range(count), of, strict=False))


def _names_known(head: list[str], kind: str) -> int:
    """How many names of columns are known, for this kind of file or another, those never read included."""
    return max(len(columns.recognise(head, other)) for other in (kind, *columns.KINDS)) + sum(
        columns.is_private(name, kind) for name in head
    )


def _require_columns(layout: Layout, kind: str, mapping: Mapping[int, str]) -> None:
    if any(position >= len(layout.head) for position in mapping):
        raise FileRefused(problems.FILE_CHANGED)
    if missing := columns.missing_fields(mapping.values(), kind):
        raise FileRefused(problems.missing_columns(missing))
