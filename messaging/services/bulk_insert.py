"""Inserts many rows at the price of the driver, for imports of a hundred thousand people.

SQLAlchemy's own executemany builds every row of parameters anew, which takes longer than storing it. Types are converted as
always; defaults are not filled in, so every column that must not be empty has to be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session


def insert_rows(session: Session | Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows, whose values stand in the order of `names`, inside the caller's transaction."""
    connection = session.connection() if isinstance(session, Session) else session
    dialect = connection.dialect
    write = dialect.identifier_preparer
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    converters = []
    for place, name in enumerate(names):
        if convert := table.c[name].type.dialect_impl(dialect).bind_processor(dialect):
            converters.append((place, convert))
    ready = [_converted(row, converters) for row in rows] if converters else list(rows)
    if ready:
        columns, marks = ", ".join(map(write.quote, names)), ", ".join([mark] * len(names))
        connection.exec_driver_sql(f"INSERT INTO {write.format_table(table)} ({columns}) VALUES ({marks})", ready)


def _converted(row: Sequence[Any], converters: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in converters:
        values[place] = convert(values[place])
    return tuple(values)
