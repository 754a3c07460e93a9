"""Statements compiled once and handed straight to the database driver.

For the few that run per message; everything else uses a session.

SQLAlchemy's own execution costs several times what SQLite needs for the statement, and a dispatch runs three of them per message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
_NAMED = re.compile(r"%\((\w+)\)s")


class DirectStatement:
    """SQL text and converters of one statement for one database. Lists (`IN`) are not supported: they compile anew each time."""

    def __init__(self, statement: ClauseElement, engine: Engine) -> None:
        compiled: Any = statement.compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._order = compiled.positiontup
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._converters: dict[str, Callable[[Any], Any]] = {}
        for name, bind in compiled.binds.items():
            converter = bind.type.dialect_impl(engine.dialect).bind_processor(engine.dialect)
            if converter is not None:
                self._converters[name] = converter

    def run(self, cursor: Any, values: Values) -> int:
        """Execute with `values`; returns the number of rows it touched."""
        filled = self.filled(values)
        cursor.execute(self._sql, filled if self._order is None else [filled[name] for name in self._order])
        return cursor.rowcount

    def filled(self, values: Values) -> dict[str, Any]:
        """All values as the driver wants them, by name."""
        filled = {**self._fixed, **values}
        for name, convert in self._converters.items():
            filled[name] = convert(filled[name])
        return filled

    def with_names_of(self, place: int) -> str:
        """The SQL with parameters that no other part of a joint statement has."""
        return _NAMED.sub(rf"%({place}_\1)s", self._sql)


class DirectConnection:
    """A connection of its own whose commits do not wait for the disk (they survive a killed process, not a power cut)."""

    def __init__(self, engine: Engine) -> None:
        self._sqlite = engine.dialect.name == "sqlite"
        self._connection = engine.raw_connection()
        self._joint: dict[tuple[DirectStatement, ...], str] = {}
        self._run("PRAGMA synchronous=NORMAL" if self._sqlite else "SET synchronous_commit = off")
        self._connection.commit()
        if not self._sqlite:
            self._connection.driver_connection.autocommit = True

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Yields a cursor; commits at the end, rolls back on any error."""
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
        try:
            yield cursor
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            cursor.close()

    def run_together(self, steps: Sequence[tuple[DirectStatement, Values]]) -> int:
        """Run statements on different rows, none of which needs another's answer, in one transaction.

        Returns how many rows the last one touched. PostgreSQL gets them as one statement (data-modifying WITH): waiting for an
        answer to each, and to BEGIN and COMMIT, took longer than the work.
        """
        if self._sqlite:
            with self.transaction() as cursor:
                return [statement.run(cursor, values) for statement, values in steps][-1]
        with self._connection.cursor() as cursor:
            cursor.execute(self._joined(tuple(statement for statement, _ in steps)), _joint_values(steps))
            return cursor.rowcount

    def _joined(self, statements: tuple[DirectStatement, ...]) -> str:
        if statements not in self._joint:
            *first, last = (statement.with_names_of(place) for place, statement in enumerate(statements))
            parts = ", ".join(f"part{place} AS ({sql})" for place, sql in enumerate(first))
            self._joint[statements] = f"WITH {parts} {last}" if first else last
        return self._joint[statements]

    def close(self) -> None:
        """Back into the pool, waiting for the disk again."""
        if not self._sqlite:
            self._connection.driver_connection.autocommit = False
        self._run("PRAGMA synchronous=FULL" if self._sqlite else "RESET synchronous_commit")
        self._connection.commit()
        self._connection.close()

    def _run(self, sql: str) -> None:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        cursor.close()


def _joint_values(steps: Sequence[tuple[DirectStatement, Values]]) -> dict[str, Any]:
    return {
        f"{place}_{name}": value
        for place, (statement, values) in enumerate(steps)
        for name, value in statement.filled(values).items()
    }
