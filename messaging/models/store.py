"""The database connection: types, SQLite settings and the one way to write. No table lives here.

SQLite: WAL, foreign keys, full fsync per durable commit, and `BEGIN IMMEDIATE` for every write: a transaction that reads first
and writes later fails at once with "database is locked" under a deferred BEGIN, however long the busy timeout is.
PostgreSQL needs none of this; `durable=False` means the same there (`synchronous_commit = off`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Engine, MetaData, String, event, text
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. A naive value is a mistake of the caller and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A string compared byte by byte, so that a prefix is one index range on every database.
ByteString = String().with_variant(String(collation="C"), "postgresql")


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime()})


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


@contextmanager
def write_transaction(*, durable: bool = True) -> Iterator[Session]:
    """One write: commits at the end, rolls back on any error. Inside another one it joins that one.

    An open read ends first, so what the caller read before may be stale: read again inside what you decide on.
    `durable=False` commits without waiting for the disk (survives a killed process, not a power cut).
    """
    session = db.session()
    if session.info.get("writing"):
        yield session
        return
    session.commit()
    session.info["writing"] = True
    try:
        begin_write(session.connection(execution_options={"write": True, "durable": durable}), durable=durable)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def begin_write(connection: Connection, *, durable: bool) -> None:
    """PostgreSQL's half of `durable=False`; SQLite's is set before BEGIN in `_begin`."""
    if connection.dialect.name == "postgresql" and not durable:
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def guard_session(session: Session) -> None:
    """Refuse rows written outside `write_transaction`; on SQLite they would take the lock too late."""

    @event.listens_for(session, "before_flush")
    def refuse_late_lock(session: Session, *_: object) -> None:
        changed = session.new or session.deleted or any(session.is_modified(row) for row in session.dirty)
        if changed and not session.info.get("writing"):
            raise RuntimeError("write inside write_transaction(), so that the lock is taken first")


def prepare_engine(engine: Engine) -> None:
    """Give every connection of a SQLite engine the settings above; leave other databases as they are."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "do_connect", _owner_only)
    event.listen(engine, "connect", _settings)
    event.listen(engine, "begin", _begin)


def _owner_only(_dialect: object, _record: object, arguments: list[Any], _options: object) -> None:
    """Patients are for the owner of the file alone, also in a folder that others may look into; SQLite's log follows the file."""
    path = arguments[0]
    if not path or path == ":memory:":
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Never opened here: closing it would drop the locks of all our connections (POSIX), and a process that then seems to be
        # the last one removes the log in which we write (sqlite.org, "How to corrupt", 2.2).
        os.chmod(path, 0o600)


def _settings(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}",
                   "cache_size=-65536", "wal_autocheckpoint=4000", "temp_store=MEMORY", "mmap_size=268435456"):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("write"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', True) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
