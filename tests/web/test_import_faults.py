"""An import that broke off: what the page says of it, and how it is given up."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from jobs import importing
from messaging.models import ImportRun, write_transaction
from messaging.services import import_runs
from messaging.services.import_states import CLAIMS_AT_MOST, SILENT_AFTER
from tests.conftest import NOW, MovableClock
from tests.store.imported_files import break_at_secret, make_batches_of_one
from tests.web.reading import words

FILE = "Pat-Nr;Vorname;Nachname\nM1;Ute;Groß\nM2;Wilhelmine;Geheim\n"
HERE = "/imports/1"


@pytest.fixture
def fails_at_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that nobody foresaw at the second row, and every row is a batch."""
    break_at_secret(monkeypatch)
    make_batches_of_one(monkeypatch)


@pytest.fixture
def applying(app: Flask) -> int:
    """A run that waits for a worker to write it."""
    run_id = import_runs.upload(importing.folder(), io.BytesIO(FILE.encode()), "praxis.csv", "patients", None, NOW)
    import_runs.start(run_id, {0: "number", 1: "first_name", 2: "last_name"}, (), NOW, writing=True)
    return run_id


def test_the_page_says_where_it_broke_off_and_what_is_there_already(
    client: FlaskClient, applying: int, fails_at_the_second: None
) -> None:
    importing.run_import(applying)

    page = client.get(HERE)
    result = words(page, "#import-result")
    assert "Die Datei wurde nur zum Teil übernommen" in result
    assert "In Zeile 3 steht etwas" in result
    assert "Bis dahin übernommen: 1 Patient." in result
    assert "In Zeile 3 steht etwas" in words(page, "#import-report")
    assert "zum Teil übernommen" in words(client.get("/imports"), "main table")
    assert "Geheim" not in page.text


def test_an_import_that_no_process_can_finish_is_given_up_on_its_page(
    client: FlaskClient, applying: int, clock: MovableClock
) -> None:
    with write_transaction() as session:
        session.execute(update(ImportRun).values(worker="gone", progress_at=clock(), claims=CLAIMS_AT_MOST))
    assert "Import abbrechen" not in words(client.get(HERE), "#import-progress")
    assert client.post(f"{HERE}/discard").status_code == 409
    clock.moment += SILENT_AFTER + timedelta(seconds=1)

    assert "Import abbrechen" in words(client.get(HERE), "#import-progress")
    client.post(f"{HERE}/discard")

    assert "verworfen" in words(client.get(HERE), "#import-result")
    assert not list(importing.folder().iterdir())


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_the_command_line_names_the_row(app: Flask, tmp_path: Path, fails_at_the_second: None, options: list[str]) -> None:
    file = tmp_path / "praxis.csv"
    file.write_text(FILE, encoding="utf-8")

    answer = app.test_cli_runner().invoke(args=["import", "patients", str(file), *options])

    assert answer.exit_code == 1
    assert "In Zeile 3 steht etwas" in answer.output
    assert "Geheim" not in answer.output
    assert not list(importing.folder().iterdir())
