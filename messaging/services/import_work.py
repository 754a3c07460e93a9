"""Carries an import out: dry run or writing, batch by batch, by one process at a time, and again from where a dead one stopped.

The rows of a batch, its problems and the progress are one transaction, so nothing is written twice and nothing is lost when the
process is killed. Who may ask for it, and what the page shows of it, is in `import_runs`.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from messaging.domain.calendar_de import local
from messaging.domain.errors import Problem
from messaging.importers import delimited, problems
from messaging.importers.appointments import AppointmentReader
from messaging.importers.columns import APPOINTMENTS
from messaging.importers.inspection import Inspection, inspect
from messaging.importers.people import PersonReader
from messaging.importers.problems import FileRefused, RowProblem, Severity
from messaging.importers.repeats import Repeats
from messaging.models import ImportProblem, ImportRun, Practice, db, write_transaction
from messaging.services import audit, import_appointments, import_files, import_people, import_rounds
from messaging.services.import_batches import Task, batched, hold_tables, suit_long_writing
from messaging.services.import_rounds import MakePlan
from messaging.services.import_states import SILENT_AFTER, WORKING, RunState

logger = logging.getLogger(__name__)

RUN = ImportRun.__table__
PROBLEM = ImportProblem.__table__

Clock = Callable[[], datetime]

#: What the content of a row can bring about, unforeseen. A time-out, a locked database or a full disk is not among them: that
#: passes, and the next process goes on.
ROW_FAULTS = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError),
    *(DataError, IntegrityError),
)


class Superseded(Exception):
    """The run was discarded, or another process took it over; whatever this batch wrote is rolled back."""


class RowsFailed(Exception):
    """Nobody foresaw what stands in these rows; `first` and `last` are the same if it is known which one it is."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(first, last)
        self.first, self.last = first, last


@dataclass(slots=True)
class Claimed:
    """A run that belongs to this process, as it was when it was claimed."""

    id: int
    worker: str
    state: RunState
    kind: str
    filename: str
    stored_as: str
    mapping: dict[int, str]
    options: dict[str, Any]
    counts: Counter[str]
    rows_done: int
    user_id: int | None

    @property
    def writes(self) -> bool:
        return self.state is RunState.APPLYING


def work(
    run_id: int,
    folder: Path,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
    tell: Callable[[int], None] = lambda rows: None,
) -> None:
    """Carry out the dry run or the import that a run waits for; does nothing if it waits for none or another process has it.

    `stopping()` is asked between batches: then the run is left for another process. `tell(rows done)` hears of the progress.
    """
    run = claim(run_id, clock())
    if run is None:
        return
    suit_long_writing(db.session())
    try:
        file = inspect(import_files.path_of(folder, run.stored_as), run.kind, run.mapping)
        task = _task(run, file, clock)
        for rows in batched(_rows_left(run, file, local(clock()).date())):
            if stopping():
                _release(run)
                return
            _carry(run, task, rows, file.repeats, clock())
            tell(run.rows_done)
        _finish(run, RunState.DONE if run.writes else RunState.CHECKED, clock())
    except FileRefused as refused:
        _fail(run, clock(), refused.problem)
    except RowsFailed as failed:
        logger.error("import %s, rows %s to %s: %s", run.id, failed.first, failed.last, type(failed.__cause__).__name__)
        _fail(run, clock(), problems.rows_failed(failed.first, failed.last), failed.first)
    except Superseded:
        return
    if run.state in (RunState.DONE, RunState.FAILED):
        import_files.delete(folder, run.stored_as)


def claim(run_id: int, now: datetime) -> Claimed | None:
    """Take a run that waits for work, or that a dead process left; None if there is nothing to take."""
    worker = secrets.token_hex(8)
    free = or_(RUN.c.worker == "", RUN.c.progress_at < now - SILENT_AFTER)
    take = update(RUN).where(RUN.c.id == run_id, RUN.c.state.in_(WORKING), free)
    with write_transaction() as session:
        if not session.execute(take.values(worker=worker, progress_at=now, claims=RUN.c.claims + 1)).rowcount:
            return None
        row = session.execute(select(RUN).where(RUN.c.id == run_id)).one()
    return Claimed(
        id=row.id,
        worker=worker,
        state=RunState(row.state),
        kind=row.kind,
        filename=row.filename,
        stored_as=row.stored_as,
        mapping={int(position): field for position, field in row.mapping.items()},
        options=row.options,
        counts=Counter(row.counts),
        rows_done=row.rows_done,
        user_id=row.created_by_id,
    )


def _task(run: Claimed, file: Inspection, clock: Clock) -> Task:
    practice = db.session.execute(select(Practice.sms_field_grants_consent)).scalar_one_or_none()
    return Task(
        run_id=run.id,
        kind=run.kind,
        filename=run.filename,
        names={field: file.layout.head[position] for position, field in run.mapping.items()},
        yes_purposes=tuple(run.options.get("yes_purposes", ())),
        sms_field_counts=practice is not False,
        user_id=run.user_id,
        now=clock(),
    )


def _rows_left(run: Claimed, file: Inspection, today: date) -> Iterator[Any]:
    """The rows that no process has finished yet. Those before are passed again, so that a repeated number is still noticed."""
    reader = (AppointmentReader if run.kind == APPOINTMENTS else PersonReader)(file.layout.head, run.mapping, today)
    refused = _refused_rows(run) if run.rows_done else set()
    for place, (number, cells) in enumerate(delimited.rows(file.layout)):
        row = _read(reader, number, cells)
        if place >= run.rows_done:
            yield row
        elif not row.refused and number not in refused:
            file.repeats.keep(row.number, number)


def _read(reader: AppointmentReader | PersonReader, number: int, cells: list[str]) -> Any:
    try:
        return reader.read(number, cells)
    except ROW_FAULTS as fault:
        raise RowsFailed(number, number) from fault


def _refused_rows(run: Claimed) -> set[int]:
    """The rows that an earlier process refused, be it only when it compared them with what is stored."""
    query = select(PROBLEM.c.row).where(PROBLEM.c.run_id == run.id, PROBLEM.c.severity == Severity.REFUSED.value)
    return set(db.session.scalars(query))


def _carry(run: Claimed, task: Task, rows: list[Any], repeats: Repeats, now: datetime) -> None:
    """One batch; raises RowsFailed if it holds what nobody foresaw."""
    make_plan: MakePlan = import_appointments.plan if run.kind == APPOINTMENTS else import_people.plan
    try:
        _carry_batch(run, make_plan, task, rows, repeats, now)
    except ROW_FAULTS as fault:
        culprit = _culprit(make_plan, rows, task)
        raise RowsFailed(culprit or rows[0].row, culprit or rows[-1].row) from fault


def _culprit(make_plan: MakePlan, rows: list[Any], task: Task) -> int | None:
    """The row that cannot be planned by itself either; None if they all can. PostgreSQL reads on only after a rollback."""
    db.session.rollback()
    for row in rows:
        try:
            make_plan(db.session(), [row], task)
        except ROW_FAULTS:
            db.session.rollback()
            return row.row
    return None


def _carry_batch(run: Claimed, make_plan: MakePlan, task: Task, rows: list[Any], repeats: Repeats, now: datetime) -> None:
    """Planned without a lock, then written together with its problems and the progress."""
    plan = import_rounds.plan(make_plan, db.session(), rows, task, repeats)
    # Not waiting for the disk is safe: rows and progress reach it together, and the end of the run waits for all of them.
    with write_transaction(durable=False) as session:
        if run.writes:
            hold_tables(session)
            if not plan.still_holds(session):
                plan = import_rounds.plan(make_plan, session, rows, task, repeats)
            plan.write(session)
        _note_problems(session, run.id, plan.problems)
        counts = run.counts + plan.counts
        _advance(session, run, counts=dict(counts), rows_done=run.rows_done + len(rows), progress_at=now, claims=0)
    run.counts = counts
    run.rows_done += len(rows)
    for number, row in plan.taken.items():
        repeats.keep(number, row)


def _note_problems(session: Session, run_id: int, found: list[RowProblem]) -> None:
    if found:
        rows = [
            {
                "run_id": run_id,
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "severity": problem.severity.value,
                "sentence": problem.problem.text,
            }
            for problem in found
        ]
        session.connection().execute(insert(PROBLEM), rows)


def _advance(session: Session, run: Claimed, **values: Any) -> None:
    """Change the run if it still belongs to this process; raises Superseded, which rolls everything back."""
    mine = (RUN.c.id == run.id, RUN.c.worker == run.worker, RUN.c.state == run.state.value)
    if not session.execute(update(RUN).where(*mine).values(**values)).rowcount:
        raise Superseded


def _release(run: Claimed) -> None:
    with write_transaction() as session:
        _advance(session, run, worker="", claims=0)


def _finish(run: Claimed, state: RunState, now: datetime) -> None:
    with write_transaction() as session:
        _advance(session, run, state=state.value, worker="", progress_at=now, ended_at=now, problem="")
        if state is RunState.DONE:
            _record(session, run, now)
    run.state = state


def _fail(run: Claimed, now: datetime, problem: Problem, row: int | None = None) -> None:
    """End a run that cannot go on; what was written before stays, and only that is counted. `row` is named in the report."""
    with write_transaction() as session:
        counts = dict(run.counts) if run.writes else {}
        ended = {"worker": "", "progress_at": now, "ended_at": now, "problem": problem.text}
        _advance(session, run, state=RunState.FAILED.value, counts=counts, **ended)
        if row is not None:
            _note_problems(session, run.id, [RowProblem.of(row, "", "", Severity.REFUSED, problem)])
        if counts:
            _record(session, run, now)
    run.state = RunState.FAILED


def _record(session: Session, run: Claimed, now: datetime) -> None:
    numbers = {name: run.counts[name] for name in ("created", "updated", "refused")}
    audit.record(session, now, run.user_id, "import_applied", "import_run", run.id, kind=run.kind, **numbers)
