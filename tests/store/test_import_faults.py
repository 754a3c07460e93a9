"""Rows that nobody foresaw end the run in words; and of rows with the same number the first good one counts."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from jobs import importing
from messaging.domain.errors import DomainError
from messaging.models import Appointment, ImportRun, Person, db, write_transaction
from messaging.services import import_appointments, import_report, import_runs, import_work
from messaging.services.import_states import CLAIMS_AT_MOST, SILENT_AFTER, RunState
from tests.conftest import NOW
from tests.store.imported_files import break_at_secret, make_batches_of_one, mapping_of, uploaded
from tests.store.test_imports import killed_after

HEAD = "Pat-Nr;Vorname;Nachname;Geburtsdatum"
APPOINTMENTS = "Termin-Nr;Pat-Nr;Datum;Uhrzeit;Ende"
SECRET = "M2;Wilhelmine;Geheim;"


def started(*rows: str, kind: str = "patients", dry: bool = False) -> int:
    head = APPOINTMENTS if kind == "appointments" else HEAD
    run_id = uploaded("\n".join((head, *rows)), kind)
    import_runs.start(run_id, mapping_of(import_runs.fetch(run_id)), (), NOW, writing=not dry)
    return run_id


def imported(*rows: str, kind: str = "patients", dry: bool = False) -> ImportRun:
    run_id = started(*rows, kind=kind, dry=dry)
    importing.run_import(run_id)
    return import_runs.fetch(run_id)


def report(run: ImportRun) -> list[tuple[int, str]]:
    return [(line.row, line.sentence) for line in import_report.every_line(run.id)]


def last_names() -> dict[str, str]:
    return dict(db.session.execute(select(Person.number, Person.last_name)).all())


def starts() -> dict[str, datetime]:
    return dict(db.session.execute(select(Appointment.number, Appointment.starts_at)).all())


@pytest.fixture
def fails_at_secret(monkeypatch):
    break_at_secret(monkeypatch)


@pytest.fixture
def batches_of_one(monkeypatch):
    make_batches_of_one(monkeypatch)


def test_a_good_row_is_not_kept_out_by_an_earlier_one_that_was_refused(app):
    run = imported("M7;;;01.02.1980", "M7;Lena;Voß;01.02.1980", "M7;Lena;Vosz;01.02.1980")

    assert last_names() == {"M7": "Voß"}
    assert (run.counts["rows"], run.counts["created"], run.counts["refused"]) == (3, 1, 2)
    (first, why_first), (second, why_second) = report(run)
    assert (first, second) == (2, 4)
    assert "Vorname und Nachname fehlen." in why_first
    assert "schon in Zeile 3" in why_second


def test_a_good_appointment_is_not_kept_out_by_one_of_an_unknown_patient(app):
    imported("M1;Ute;Groß;")

    run = imported(
        "T1;M1;31.02.2027;08:00;", "T1;M99;01.03.2027;08:00;", "T1;M1;02.03.2027;08:00;", "T1;M1;03.03.2027;08:00;",
        kind="appointments",
    )  # fmt: skip

    assert starts() == {"T1": datetime(2027, 3, 2, 7, tzinfo=UTC)}
    assert [row for row, _ in report(run)] == [2, 3, 5]
    assert "schon in Zeile 4" in report(run)[-1][1]
    assert run.counts["refused"] == 3


@pytest.mark.parametrize("dry", [False, True])
def test_numbers_are_remembered_from_batch_to_batch(app, batches_of_one, dry):
    run = imported("M7;;;", "M7;Lena;Voß;", "M8;Ute;Groß;", "M7;Lena;Vosz;", dry=dry)

    assert [row for row, _ in report(run)] == [2, 5]
    assert run.counts["created"] == 2


def test_the_next_process_knows_which_rows_were_refused(app, clock, batches_of_one):
    imported("M1;Ute;Groß;")
    run_id = started(
        "T1;M99;01.03.2027;08:00;", "T2;M1;01.03.2027;09:00;", "T1;M1;02.03.2027;08:00;", "T2;M1;03.03.2027;08:00;",
        kind="appointments",
    )  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        import_work.work(run_id, importing.folder(), clock, tell=killed_after(2))
    clock.moment += SILENT_AFTER + timedelta(seconds=1)

    importing.run_import(run_id)

    assert starts() == {"T1": datetime(2027, 3, 2, 7, tzinfo=UTC), "T2": datetime(2027, 3, 1, 8, tzinfo=UTC)}
    assert [row for row, _ in report(import_runs.fetch(run_id))] == [2, 5]


def test_empty_dates_of_databases_end_no_import(app):
    imported("M1;Ute;Groß;")

    run = imported(
        "T1;M1;01.03.2027;30.12.1899 08:00:00;01.01.0001 00:00",
        "T2;M1;01.01.0001;00:00;",
        "T3;M1;02.03.2027;09:00;",
        kind="appointments",
    )

    assert run.state == RunState.DONE
    assert sorted(starts()) == ["T1", "T3"]
    assert [row for row, _ in report(run)] == [3]


@pytest.mark.parametrize("dry", [False, True])
def test_a_row_that_nobody_foresaw_ends_the_run_with_its_number(app, fails_at_secret, caplog, dry):
    caplog.set_level(logging.DEBUG)

    run = imported("M1;Ute;Groß;", SECRET, dry=dry)

    assert run.state == RunState.FAILED
    assert "In Zeile 3 steht etwas" in run.problem
    assert report(run) == [(3, run.problem)]
    assert f"import {run.id}, rows 3 to 3: OverflowError" in caplog.text
    assert "Geheim" not in caplog.text
    assert not list(importing.folder().iterdir())
    assert run.counts == {}


def test_what_was_written_before_such_a_row_stays_and_is_counted(app, fails_at_secret, batches_of_one):
    run = imported("M1;Ute;Groß;", SECRET)

    assert (run.state, run.counts["created"]) == (RunState.FAILED, 1)
    assert last_names() == {"M1": "Groß"}


def test_a_row_that_cannot_be_planned_is_named_too(app, monkeypatch):
    imported("M1;Ute;Groß;")
    real = import_appointments.plan

    def plan(session, rows, task):
        if any(row.number == "T2" for row in rows):
            raise ValueError("T2")
        return real(session, rows, task)

    monkeypatch.setattr(import_appointments, "plan", plan)
    run = imported("T1;M1;01.03.2027;08:00;", "T2;M1;02.03.2027;08:00;", kind="appointments")

    assert run.state == RunState.FAILED
    assert "In Zeile 3 steht etwas" in run.problem
    assert not starts()


def test_rows_that_fail_only_together_are_named_from_the_first_to_the_last(app, monkeypatch):
    imported("M1;Ute;Groß;")

    def write(plan, session):
        raise ValueError("at the very end")

    monkeypatch.setattr(import_appointments.AppointmentsPlan, "write", write)
    run = imported("T1;M1;01.03.2027;08:00;", "T2;M1;02.03.2027;08:00;", kind="appointments")

    assert "Zwischen Zeile 2 und Zeile 3 steht etwas" in run.problem


def test_a_database_that_is_locked_is_no_fault_of_a_row(app, monkeypatch):
    run_id = started("M1;Ute;Groß;")

    def locked(*_):
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr(import_work.import_people, "plan", locked)
    with pytest.raises(OperationalError):
        importing.run_import(run_id)

    assert import_runs.fetch(run_id).state == RunState.APPLYING


def test_an_import_that_nobody_goes_on_with_can_be_discarded(app, clock):
    run_id = started("M1;Ute;Groß;")
    assert import_work.claim(run_id, clock())
    with pytest.raises(DomainError):
        import_runs.discard(run_id, importing.folder(), clock())
    clock.moment += SILENT_AFTER + timedelta(seconds=1)

    import_runs.discard(run_id, importing.folder(), clock())

    assert import_runs.fetch(run_id).state == RunState.DISCARDED
    assert not list(importing.folder().iterdir())


def test_an_import_that_was_begun_says_so_when_it_is_given_up(app, clock, batches_of_one):
    run_id = started("M1;Ute;Groß;", "M2;Jörg;Müßig;")
    with pytest.raises(KeyboardInterrupt):
        import_work.work(run_id, importing.folder(), clock, tell=killed_after(1))
    with write_transaction() as session:
        session.execute(update(ImportRun).values(claims=CLAIMS_AT_MOST))
    clock.moment += SILENT_AFTER + timedelta(seconds=1)

    import_runs.discard(run_id, importing.folder(), clock())

    run = import_runs.fetch(run_id)
    assert (run.state, run.counts["created"], run.ended_at) == (RunState.FAILED, 1, clock())
    assert "Der Import wurde abgebrochen." in run.problem
    assert not list(importing.folder().iterdir())
    assert import_runs.waiting_runs(clock() + SILENT_AFTER * 2) == []
