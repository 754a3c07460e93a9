"""Statements compiled once and handed straight to the database driver.

For the few that run per message; everything else uses a session.

SQLAlchemy's own execution costs several times what SQLite needs for the statement, and a dispatch runs three of them per message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.sql import ClauseElement


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

    def run(self, cursor: Any, values: Mapping[str, Any]) -> int:
        """Execute with `values`; returns the number of rows it touched (known only afterwards inside a pipeline)."""
        filled = {**self._fixed, **values}
        for name, convert in self._converters.items():
            filled[name] = convert(filled[name])
        cursor.execute(self._sql, filled if self._order is None else [filled[name] for name in self._order])
        return cursor.rowcount


class DirectConnection:
    """A connection of its own whose commits do not wait for the disk (they survive a killed process, not a power cut)."""

    def __init__(self, engine: Engine) -> None:
        self._sqlite = engine.dialect.name == "sqlite"
        self._connection = engine.raw_connection()
        self._run("PRAGMA synchronous=NORMAL" if self._sqlite else "SET synchronous_commit = off")
        self._connection.commit()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Yields a cursor; commits at the end, rolls back on any error."""
        cursor = self._connection.cursor()
        if self._sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        try:
            yield cursor
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            cursor.close()

    def run_all(self, steps: Sequence[tuple[DirectStatement, Mapping[str, Any]]]) -> list[int]:
        """Run statements that do not depend on each other's answers in one transaction; returns how many rows each touched.

        PostgreSQL gets all of them, and the commit, in one trip: waiting for each answer took longer than the work.
        """
        if self._sqlite:
            with self.transaction() as cursor:
                return [statement.run(cursor, values) for statement, values in steps]
        cursors = [self._connection.cursor() for _ in steps]
        try:
            with self._connection.driver_connection.pipeline():
                for cursor, (statement, values) in zip(cursors, steps, strict=True):
                    statement.run(cursor, values)
                self._connection.commit()
            return [cursor.rowcount for cursor in cursors]
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            for cursor in cursors:
                cursor.close()

    def close(self) -> None:
        """Back into the pool, waiting for the disk again."""
        self._run("PRAGMA synchronous=FULL" if self._sqlite else "RESET synchronous_commit")
        self._connection.commit()
        self._connection.close()

    def _run(self, sql: str) -> None:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        cursor.close()
