"""A real worker process imports and is killed (SIGKILL) in the middle; whoever goes on loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from messaging.models import Consent, ImportRun, Person, PersonWord, db
from messaging.services import import_runs, import_work
from messaging.services.import_states import SILENT_AFTER, RunState

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
COUNT = 6_000


@pytest.fixture
def importing_process(app: Flask, database_uri: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The import of `COUNT` patients on the command line, in a process of its own."""
    file = tmp_path / "patienten.csv"
    rows = "".join(f"M{number};Ute;Test{number};ute{number}@example.org;nein\r\n" for number in range(COUNT))
    file.write_text(f"Pat-Nr;Vorname;Nachname;E-Mail;Kontakt Mail\r\n{rows}", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "flask", "--app", "app", "import", "patients", str(file)],
        env={**os.environ, "PRAXISPOST_HOME": str(app.config["HOME"]), "DATABASE_URL": database_uri, "REDIS_URL": ""},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait(timeout=10)


def test_a_killed_import_is_finished_by_the_next_process(app: Flask, importing_process: subprocess.Popen[bytes]) -> None:
    wait_until_rows_are_there()
    importing_process.send_signal(signal.SIGKILL)
    importing_process.wait(timeout=10)
    left = run_now()
    assert left.state == RunState.APPLYING
    assert 0 < left.rows_done < COUNT
    assert count(Person) == left.rows_done, "rows and progress are one transaction"

    later = datetime.now(UTC) + SILENT_AFTER + SILENT_AFTER
    assert import_runs.waiting_runs(later) == [left.id]
    import_work.work(left.id, Path(app.config["HOME"]) / "imports", lambda: later)

    assert (run_now().state, run_now().counts["created"], run_now().counts["rows"]) == (RunState.DONE, COUNT, COUNT)
    assert (count(Person), count(Consent)) == (COUNT, COUNT * 5)
    assert db.session.scalar(select(func.count(func.distinct(PersonWord.person_id)))) == COUNT


def wait_until_rows_are_there() -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run = db.session.scalar(select(ImportRun).execution_options(populate_existing=True))
        if run is not None and run.rows_done:
            return
        db.session.rollback()
        time.sleep(0.01)
    raise AssertionError("the import did not begin")


def run_now() -> ImportRun:
    db.session.rollback()
    return db.session.scalars(select(ImportRun).execution_options(populate_existing=True)).one()


def count(table: type[db.Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0
