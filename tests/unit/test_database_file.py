"""The file of the database: for its owner alone, and never opened beside SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from messaging.models import store

#: What another process does that is done with the database: it reads, and closes its only connection.
READS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM kept").fetchone()[0])
connection.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "praxispost.sqlite3"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{path}")
    store.prepare_engine(engine)
    yield engine
    engine.dispose()


def read_elsewhere(path: Path) -> int:
    return int(subprocess.run([sys.executable, "-c", READS, str(path)], check=True, capture_output=True, text=True).stdout)


def keep_one(engine: Engine) -> None:
    with engine.connect().execution_options(write=True) as connection:
        connection.execute(text("INSERT INTO kept VALUES (1)"))
        connection.commit()


def test_what_is_written_after_another_process_was_done_is_seen_by_all(engine: Engine, path: Path) -> None:
    """A second connection must not cost the first its locks: whoever closes then would take the write-ahead log away."""
    with engine.connect().execution_options(write=True) as first:
        first.execute(text("CREATE TABLE kept (n INTEGER)"))
        first.commit()
        with engine.connect() as second:
            second.execute(text("SELECT count(*) FROM kept"))
    keep_one(engine)
    before = read_elsewhere(path)

    keep_one(engine)

    assert (before, read_elsewhere(path)) == (1, 2)


def test_a_database_in_use_is_never_opened_beside_sqlite(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store._owner_only(None, None, [str(path)], None)
    path.chmod(0o644)
    flags: list[int] = []
    real = os.open

    def noted(name: Any, how: int, *mode: int) -> int:
        flags.append(how)
        return real(name, how, *mode)

    monkeypatch.setattr(os, "open", noted)
    store._owner_only(None, None, [str(path)], None)

    assert all(how & os.O_EXCL for how in flags)
    assert path.stat().st_mode & 0o777 == 0o600
