"""Backup and restore of a practice on SQLite: one file with the database and the key. PostgreSQL has tools of its own.

A backup is old: what went out after it was made is not in it. So a restored practice sends nothing by itself (`hold_back`).
"""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Update, create_engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from messaging.domain.errors import DomainError, Problem
from messaging.domain.states import LIVE_DISPATCHES, DispatchState, MessageState
from messaging.models import Attempt, Dispatch, Message, write_transaction
from messaging.services import audit

DATABASE, KEY = "praxispost.sqlite3", "secret.key"
PARTS = (DATABASE, KEY)
#: Why a dispatch waits and a message is doubtful since then: code of domain.reasons.
RESTORED = "restored"

NOT_SQLITE = Problem(
    "backup_not_sqlite",
    "Die Daten liegen in PostgreSQL.",
    "Bitte sichern Sie mit pg_dump, stellen Sie mit pg_restore wieder her und sichern Sie auch die Schlüsseldatei "
    "(siehe Betriebshandbuch).",
)
NO_DATABASE = Problem(
    "no_database",
    "Wo die Datenbank liegen soll, gibt es keine mit Daten von Praxispost.",
    "Bitte prüfen Sie die Angaben in DATABASE_URL und PRAXISPOST_HOME.",
)
NO_FOLDER = Problem(
    "no_database_folder",
    "Den Ordner, in dem die Datenbank liegen soll, gibt es nicht.",
    "Bitte legen Sie ihn an oder berichtigen Sie DATABASE_URL.",
)
NO_BACKUP = Problem("not_a_backup", "Diese Datei ist keine Sicherung von Praxispost.", "Bitte wählen Sie eine andere Datei.")
IN_USE = Problem(
    "data_folder_full",
    "In diesem Datenordner liegen schon Daten; sie würden überschrieben.",
    "Bitte stellen Sie in einen leeren Ordner wieder her (PRAXISPOST_HOME, auch DATABASE_URL) oder benennen Sie den alten um.",
)
BROKEN = Problem("backup_broken", "Die Datenbank in dieser Sicherung ist beschädigt.", "Bitte nehmen Sie eine ältere Sicherung.")


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What waits for a person after restoring: dispatches that were not over, and messages that were being handed over."""

    dispatches: int
    messages: int


def database_file(url: URL) -> Path:
    """The file that the program reads. Raises DomainError if its data are not in a file."""
    if url.get_backend_name() != "sqlite":
        raise DomainError(NOT_SQLITE)
    return Path(url.database or "").absolute()


def back_up(home: Path, key_file: Path, database: Path, target: Path) -> int:
    """Write one file while the practice works on; returns its size in bytes. Whoever has it can read everything."""
    if not _tables(database):
        raise DomainError(NO_DATABASE)
    half = target.with_name(f".{target.name}.part")
    with tempfile.TemporaryDirectory(dir=home) as folder:
        copy = Path(folder) / DATABASE
        _copy_database(database, copy)
        half.touch(mode=0o600)
        with tarfile.open(half, "w:gz") as archive:
            archive.add(copy, DATABASE)
            archive.add(key_file, KEY)
    half.replace(target)
    return target.stat().st_size


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own online copy: consistent although others write meanwhile."""
    with closing(_for_reading(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def restore(database: Path, key_file: Path, source: Path, now: datetime) -> HeldBack:
    """Put a backup where no data are yet, with its dispatches paused. Nothing is changed unless the whole backup is sound."""
    if not database.parent.is_dir():
        raise DomainError(NO_FOLDER)
    if database.exists() and _tables(database) != 0:
        raise DomainError(IN_USE)
    with tempfile.TemporaryDirectory(dir=database.parent) as folder:
        _unpack(source, Path(folder))
        if not _sound(Path(folder) / DATABASE):
            raise DomainError(BROKEN)
        held = _hold_back_in(Path(folder) / DATABASE, now)
        _place_key(Path(folder) / KEY, key_file)
        for leftover in ("-wal", "-shm"):
            database.with_name(f"{database.name}{leftover}").unlink(missing_ok=True)
        (Path(folder) / DATABASE).replace(database)
    return held


def _place_key(source: Path, key_file: Path) -> None:
    """Whole or not at all; the key may lie on another disk than the database."""
    half = key_file.with_name(f".{key_file.name}.part")
    half.touch(mode=0o600)
    half.write_bytes(source.read_bytes())
    half.replace(key_file)


def hold_back_here(now: datetime) -> HeldBack:
    """The same for a database that other tools have restored (PostgreSQL)."""
    with write_transaction() as session:
        return hold_back(session, now)


def hold_back(session: Session, now: datetime) -> HeldBack:
    """Pause every dispatch that is not over, also what a person had paused: it may have gone on after the backup was made.

    What was being handed over is unknown for sure, begun or not: the hand-over came after the backup.
    """
    doubtful = update(Message).where(Message.state == MessageState.SENDING)
    open_tries = update(Attempt).where(Attempt.ended_at.is_(None))
    live = update(Dispatch).where(Dispatch.state.in_(LIVE_DISPATCHES))
    messages = _count(session, doubtful.values(state=MessageState.UNKNOWN, reason=RESTORED, lease_until=None, ended_at=now))
    _count(session, open_tries.values(ended_at=now, outcome="unknown", code=RESTORED))
    paused = {"state": DispatchState.PAUSED, "pause_code": RESTORED, "pause_detail": "", "judged_from": now}
    dispatches = _count(session, live.values(paused))
    audit.record(session, now, None, "backup_restored", dispatches=dispatches, messages=messages)
    return HeldBack(dispatches, messages)


def _count(session: Session, statement: Update) -> int:
    return session.execute(statement.execution_options(synchronize_session=False)).rowcount


def _hold_back_in(database: Path, now: datetime) -> HeldBack:
    """Before the file is put in its place, so that no worker ever sees it as it was."""
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool, hide_parameters=True)
    try:
        with Session(engine) as session, session.begin():
            return hold_back(session, now)
    except SQLAlchemyError as error:
        raise DomainError(BROKEN) from error
    finally:
        engine.dispose()


def _tables(database: Path) -> int | None:
    """How many there are, None if this is no database. Opening the program makes an empty file: nothing to protect or to keep."""
    try:
        with closing(_for_reading(database)) as connection:
            return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError:
        return None


def _for_reading(database: Path) -> sqlite3.Connection:
    """SQLite would make a file that is missing."""
    return sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            if sorted(archive.getnames()) != sorted(PARTS):
                raise DomainError(NO_BACKUP)
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DomainError(NO_BACKUP) from error


def _sound(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False
