"""The report of an import, row by row: for the page and as CSV. What is wrong was found while reading; nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, exists, func, select

from messaging.domain.csv_text import csv_bytes
from messaging.importers.problems import Severity
from messaging.models import ImportProblem, ImportRun, db, write_transaction

PROBLEM = ImportProblem.__table__
RUN = ImportRun.__table__

SEVERITY_LABELS = {Severity.REFUSED: "abgewiesen", Severity.WARNING: "Hinweis"}
HEAD = ("Zeile", "Spalte", "Wert", "Art", "Grund und Abhilfe")

FREQUENT_FROM = 20
FREQUENT_AT_MOST = 3

_READ_AT_ONCE = 1000
_FORGOTTEN_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One problem. `row` counts as a spreadsheet does; `column` and `value` are "" where the whole row is meant."""

    row: int
    column: str
    value: str
    severity: str
    sentence: str


def numbers(run_id: int) -> dict[str, int]:
    """Severity -> how many problems."""
    query = select(PROBLEM.c.severity, func.count()).where(PROBLEM.c.run_id == run_id).group_by(PROBLEM.c.severity)
    found = dict(db.session.execute(query).all())
    return {severity.value: found.get(severity.value, 0) for severity in Severity}


def frequent(run_id: int) -> list[tuple[int, str]]:
    """(how often, sentence) of warnings that come so often that the export itself wants mending, the most frequent first."""
    times = func.count().label("times")
    same = select(times, PROBLEM.c.sentence).where(PROBLEM.c.run_id == run_id, PROBLEM.c.severity == Severity.WARNING.value)
    query = same.group_by(PROBLEM.c.sentence).having(times >= FREQUENT_FROM).order_by(times.desc(), PROBLEM.c.sentence)
    return [(number, sentence) for number, sentence in db.session.execute(query.limit(FREQUENT_AT_MOST))]


def page(run_id: int, severity: str | None, number: int, size: int) -> list[ReportLine]:
    """One page of the report (1 is the first), in the order of the file; `severity` None is all."""
    query = _lines(run_id, severity).limit(size).offset((number - 1) * size)
    return [ReportLine(*row) for row in db.session.execute(query)]


def every_line(run_id: int) -> Iterator[ReportLine]:
    """The whole report in the order of the file, read little by little."""
    for row in db.session.execute(_lines(run_id, None).execution_options(yield_per=_READ_AT_ONCE)):
        yield ReportLine(*row)


def as_csv(run_id: int) -> bytes:
    """The whole report as a file that a spreadsheet opens."""
    return csv_bytes(HEAD, (_cells(line) for line in every_line(run_id)))


def forget(before: datetime) -> None:
    """Delete the reports of runs that ended before a moment. Mostly there are none, and then nothing is written."""
    old = select(RUN.c.id).where(RUN.c.ended_at < before, exists().where(PROBLEM.c.run_id == RUN.c.id))
    if run_ids := db.session.scalars(old.limit(_FORGOTTEN_AT_ONCE)).all():
        with write_transaction() as session:
            session.execute(delete(PROBLEM).where(PROBLEM.c.run_id.in_(run_ids)))


def _cells(line: ReportLine) -> tuple[int | str, ...]:
    return line.row, line.column, line.value, SEVERITY_LABELS[Severity(line.severity)], line.sentence


def _lines(run_id: int, severity: str | None) -> Select[tuple[int, str, str, str, str]]:
    columns = (PROBLEM.c[name] for name in ("row", "column", "value", "severity", "sentence"))
    query = select(*columns).where(PROBLEM.c.run_id == run_id).order_by(PROBLEM.c.row, PROBLEM.c.id)
    return query.where(PROBLEM.c.severity == severity) if severity else query
