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

from sqlalchemy import Update, create_engine, update
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
    "Bitte sichern Sie mit pg_dump und zusätzlich die Schlüsseldatei (siehe Betriebshandbuch).",
)
NO_BACKUP = Problem("not_a_backup", "Diese Datei ist keine Sicherung von Praxispost.", "Bitte wählen Sie eine andere Datei.")
IN_USE = Problem(
    "data_folder_full",
    "In diesem Datenordner liegen schon Daten; sie würden überschrieben.",
    "Bitte stellen Sie in einen leeren Ordner wieder her (PRAXISPOST_HOME) oder benennen Sie den alten um.",
)
BROKEN = Problem("backup_broken", "Die Datenbank in dieser Sicherung ist beschädigt.", "Bitte nehmen Sie eine ältere Sicherung.")


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What waits for a person after restoring: dispatches that were not over, and messages that were being handed over."""

    dispatches: int
    messages: int


def back_up(home: Path, key_file: Path, database_uri: str, target: Path) -> int:
    """Write one file while the practice works on; returns its size in bytes. Whoever has it can read everything."""
    if not database_uri.startswith("sqlite"):
        raise DomainError(NOT_SQLITE)
    half = target.with_name(f".{target.name}.part")
    with tempfile.TemporaryDirectory(dir=home) as folder:
        copy = Path(folder) / DATABASE
        _copy_database(home / DATABASE, copy)
        half.touch(mode=0o600)
        with tarfile.open(half, "w:gz") as archive:
            archive.add(copy, DATABASE)
            archive.add(key_file, KEY)
    half.replace(target)
    return target.stat().st_size


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own online copy: consistent although others write meanwhile."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def restore(home: Path, key_file: Path, source: Path, now: datetime) -> HeldBack:
    """Put a backup into an empty data folder, with its dispatches paused. Nothing is changed unless the whole backup is sound."""
    if _holds_tables(home / DATABASE):
        raise DomainError(IN_USE)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        _unpack(source, Path(folder))
        if not _sound(Path(folder) / DATABASE):
            raise DomainError(BROKEN)
        held = _hold_back_in(Path(folder) / DATABASE, now)
        (Path(folder) / KEY).chmod(0o600)
        (Path(folder) / KEY).replace(key_file)
        for leftover in ("-wal", "-shm"):
            (home / f"{DATABASE}{leftover}").unlink(missing_ok=True)
        (Path(folder) / DATABASE).replace(home / DATABASE)
    return held


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


def _holds_tables(database: Path) -> bool:
    """Opening the program makes an empty file; that is nothing to protect."""
    if not database.exists():
        return False
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,)


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
