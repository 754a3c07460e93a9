"""Backup and restore of a practice on SQLite: one file with the database and the key. PostgreSQL has tools of its own."""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from messaging.domain.errors import DomainError, Problem

DATABASE, KEY = "praxispost.sqlite3", "secret.key"
PARTS = (DATABASE, KEY)

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


def restore(home: Path, key_file: Path, source: Path) -> None:
    """Put a backup into an empty data folder. Nothing is changed unless the whole backup is sound."""
    if _holds_tables(home / DATABASE):
        raise DomainError(IN_USE)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        _unpack(source, Path(folder))
        if not _sound(Path(folder) / DATABASE):
            raise DomainError(BROKEN)
        (Path(folder) / KEY).chmod(0o600)
        (Path(folder) / KEY).replace(key_file)
        for leftover in ("-wal", "-shm"):
            (home / f"{DATABASE}{leftover}").unlink(missing_ok=True)
        (Path(folder) / DATABASE).replace(home / DATABASE)


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
