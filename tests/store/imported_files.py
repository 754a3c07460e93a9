"""Files to import as tests write them, and what became of them in the store."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from jobs import importing
from messaging.importers.people import PersonReader
from messaging.models import Consent, ImportRun, Person, db
from messaging.services import import_batches, import_report, import_runs, import_work
from tests.conftest import NOW

HEAD = "Pat-Nr;Vorname;Nachname;Geburtsdatum;Ort;SMS;E-Mail;Kasse;Kontakt SMS;Kontakt Mail;Kontakt Post;verstorben;Bemerkung"
UTE = "M1;Ute;Groß;04.12.1975;Chemnitz;0171 3920001;ute@example.org;AOK;;ja;nein;;"


def uploaded(text: str, kind: str = "patients", encoding: str = "cp1252") -> int:
    return import_runs.upload(importing.folder(), io.BytesIO(text.encode(encoding)), "praxis.csv", kind, None, NOW)


def mapping_of(run: ImportRun) -> dict[int, str]:
    return {int(position): field for position, field in run.mapping.items()}


def person(number: str = "M1") -> Person:
    return db.session.execute(
        select(Person).where(Person.number == number).execution_options(populate_existing=True)
    ).scalar_one()


def entries(number: str = "M1") -> list[tuple[str, str, str, str, str]]:
    query = select(Consent.channel, Consent.purpose, Consent.status, Consent.source, Consent.target).join(
        Person, Person.id == Consent.person_id
    )
    return [tuple(row) for row in db.session.execute(query.where(Person.number == number).order_by(Consent.id))]


def told(run: ImportRun) -> list[tuple[int, str, str]]:
    return [(line.row, line.column, line.severity) for line in import_report.every_line(run.id)]


def counts(run: ImportRun) -> dict[str, int]:
    return {
        name: number
        for name, number in run.counts.items()
        if number and name in ("rows", "created", "updated", "unchanged", "refused", "warnings")
    }


def break_at_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader with a fault that nobody foresaw: it breaks on one name and says the name."""
    real = PersonReader.read

    def read(reader: PersonReader, row: int, cells: list[str]) -> Any:
        if "Geheim" in cells:
            raise OverflowError("cannot read Geheim")
        return real(reader, row, cells)

    monkeypatch.setattr(PersonReader, "read", read)


def make_batches_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_work, "batched", lambda rows: import_batches.batched(rows, 1))
