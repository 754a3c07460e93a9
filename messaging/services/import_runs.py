"""Import runs as people see them: upload, matching of columns, dry run, import, and what became of it.

The rows themselves are carried by `import_work` in a worker; here the run is only moved from state to state.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from messaging.domain.errors import DomainError, Problem
from messaging.domain.form_errors import refuse
from messaging.domain.words import Purpose
from messaging.importers import columns, delimited, problems
from messaging.importers.columns import KIND_LABELS
from messaging.importers.decoding import ENCODING_LABELS
from messaging.importers.delimited import SEPARATOR_LABELS, Layout
from messaging.importers.inspection import inspect, samples
from messaging.importers.problems import FileRefused
from messaging.models import ImportProblem, ImportRun, User, db, write_transaction
from messaging.services import import_files, import_report
from messaging.services.import_states import (
    CLAIMS_AT_MOST,
    FORGOTTEN_AFTER,
    OPEN,
    REPORT_KEPT,
    RUN_STEPS,
    SILENT_AFTER,
    WAITING_TOLD_AFTER,
    WORKING,
    RunState,
)

RUN = ImportRun.__table__

#: What a "ja" counts for unless somebody chooses otherwise.
USUAL_PURPOSES = (Purpose.APPOINTMENT.value,)
RUNS_REMEMBERED = 50

NOT_NOW = Problem("import_not_now", "Dieser Import ist schon weiter.", "Bitte die Seite neu laden.")
BROKEN_OFF = Problem("import_broken_off", "Der Import wurde abgebrochen.", "Bitte die Datei prüfen und noch einmal hochladen.")
UNKNOWN_PURPOSE = Problem("import_unknown_purpose", "Diesen Zweck gibt es nicht.", "Bitte einen der Zwecke ankreuzen.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file on the screen that matches them. `private`: never read; `field`: "" is not taken over."""

    position: int
    name: str
    samples: tuple[str, ...]
    field: str
    private: bool


@dataclass(frozen=True, slots=True)
class LastRun:
    """One line of the list of imports."""

    id: int
    kind: str
    filename: str
    state: str
    counts: dict[str, int]
    problem: str
    created_at: datetime
    created_by: str


def upload(folder: Path, source: BinaryIO, filename: str | None, kind: str, user_id: int | None, now: datetime) -> int:
    """Store a file, read it through and recognise its columns; returns the id of the run. Raises FileRefused."""
    forget_old(folder, now)
    stored = import_files.store(folder, source)
    try:
        found = inspect(import_files.path_of(folder, stored.name), kind)
        if other := columns.likely_kind(found.layout.head, kind):
            raise FileRefused(problems.other_kind(KIND_LABELS[other], KIND_LABELS[kind]))
    except FileRefused:
        import_files.delete(folder, stored.name)
        raise
    head = list(found.layout.head)
    mapping = remembered_mapping(kind, head) or columns.recognise(head, kind)
    with write_transaction() as session:
        run = ImportRun(
            kind=kind,
            filename=import_files.shown_name(filename),
            stored_as=stored.name,
            sha256=stored.sha256,
            state=RunState.UPLOADED.value,
            mapping=_as_json(mapping),
            options={"head": head, "written": written_as(found.layout), "yes_purposes": list(USUAL_PURPOSES)},
            rows_total=found.row_count,
            created_at=now,
            created_by_id=user_id,
        )
        session.add(run)
    return run.id


def remembered_mapping(kind: str, head: Sequence[str]) -> dict[int, str] | None:
    """Return how columns with the same names were matched the last time, None if they never were."""
    chosen = (RunState.CHECKED.value, RunState.APPLYING.value, RunState.DONE.value)
    query = select(RUN.c.mapping, RUN.c.options).where(RUN.c.kind == kind, RUN.c.state.in_(chosen))
    for mapping, options in db.session.execute(query.order_by(RUN.c.id.desc()).limit(RUNS_REMEMBERED)):
        if options.get("head") == list(head):
            return {int(position): field for position, field in mapping.items()}
    return None


def columns_of(run: ImportRun, folder: Path, chosen: Mapping[int, str] | None = None) -> list[Column]:
    """The columns of the file with their first values; `chosen` is what is on the screen instead of what is stored."""
    mapping = chosen if chosen is not None else {int(position): field for position, field in run.mapping.items()}
    head = run.options["head"]
    layout = delimited.layout_of(
        import_files.path_of(folder, run.stored_as), lambda cells: len(columns.recognise(cells, run.kind))
    )
    values = samples(layout)
    return [
        Column(place, name, tuple(values.get(place, ())), mapping.get(place, ""), columns.is_private(name, run.kind))
        for place, name in enumerate(head)
    ]


def doubtful_kind(run: ImportRun) -> str | None:
    """Another kind that the file may be of; nobody is refused for it, but somebody should look."""
    return columns.doubtful_kind(run.options["head"], run.kind)


def start(
    run_id: int, mapping: Mapping[int, str], yes_purposes: Collection[str], now: datetime, *, writing: bool = False
) -> None:
    """Begin the dry run with these columns, or with `writing` the import itself, as scripts do.

    Raises FormRefused (fields "column-<position>", "columns", "purposes") or, if the run is further already, DomainError.
    """
    run = fetch(run_id)
    refuse(mapping_problems(run.kind, run.options["head"], mapping, yes_purposes))
    ordered = [purpose.value for purpose in Purpose if purpose in yes_purposes]
    values = {"mapping": _as_json(mapping), "options": {**run.options, "yes_purposes": ordered}}
    _step(run_id, RunState.APPLYING if writing else RunState.CHECKING, now, **values)


def mapping_problems(
    kind: str, head: Sequence[str], mapping: Mapping[int, str], yes_purposes: Collection[str]
) -> dict[str, Problem]:
    """Field of the form -> what is wrong with it."""
    found: dict[str, Problem] = {}
    first_of: dict[str, int] = {}
    for position, field in sorted(mapping.items()):
        earlier = first_of.setdefault(field, position)
        if field not in columns.known_fields(kind) or not 0 <= position < len(head) or columns.is_private(head[position], kind):
            found[f"column-{position}"] = Problem(
                "import_unknown_field", "Dieses Feld gibt es nicht.", "Bitte ein anderes wählen."
            )
        elif earlier != position:
            found[f"column-{position}"] = _twice(columns.label_of(field, kind), head[earlier])
    if missing := columns.missing_fields(mapping.values(), kind):
        found["columns"] = problems.missing_columns(missing)
    if not set(yes_purposes) <= set(Purpose):
        found["purposes"] = UNKNOWN_PURPOSE
    return found


def start_apply(run_id: int, now: datetime) -> None:
    """Begin to write what the dry run showed. Raises DomainError if there was none, or it began already."""
    if fetch(run_id).state != RunState.CHECKED:
        raise DomainError(NOT_NOW)
    _step(run_id, RunState.APPLYING, now)


def resume(run_id: int, now: datetime) -> None:
    """Let another process take over a run whose own is silent; a living one keeps it."""
    silent = RUN.c.progress_at < now - SILENT_AFTER
    with write_transaction() as session:
        session.execute(update(RUN).where(RUN.c.id == run_id, RUN.c.state.in_(WORKING)).values(claims=0))
        session.execute(
            update(RUN).where(RUN.c.id == run_id, RUN.c.state.in_(WORKING), silent).values(worker="", progress_at=now)
        )


def discard(run_id: int, folder: Path, now: datetime) -> None:
    """Give an import up; its file is deleted, what was written stays. Raises DomainError while a process writes or may begin."""
    run = fetch(run_id)
    writing = RUN.c.state == RunState.APPLYING.value
    waits = and_(RUN.c.worker == "", RUN.c.progress_at < now - WAITING_TOLD_AFTER)
    left = or_(waits, RUN.c.progress_at < now - SILENT_AFTER)
    if run.state == RunState.APPLYING and run.rows_done:
        _step(run_id, RunState.FAILED, now, writing, left, worker="", ended_at=now, problem=BROKEN_OFF.text)
    else:
        _step(run_id, RunState.DISCARDED, now, or_(~writing, and_(left, RUN.c.rows_done == 0)))
    import_files.delete(folder, run.stored_as)


def fetch(run_id: int) -> ImportRun:
    """The run as it is stored now. Raises LookupError for an unknown id."""
    run = db.session.get(ImportRun, run_id, populate_existing=True)
    if run is None:
        raise LookupError(run_id)
    return run


def last_runs(count: int = 20) -> list[LastRun]:
    """The newest imports for the list; discarded ones are left out."""
    name = func.coalesce(func.nullif(User.display_name, ""), User.name, "")
    query = (
        select(ImportRun, name)
        .outerjoin(User, User.id == ImportRun.created_by_id)
        .where(ImportRun.state != RunState.DISCARDED.value)
    )
    return [
        LastRun(run.id, run.kind, run.filename, run.state, run.counts, run.problem, run.created_at, created_by)
        for run, created_by in db.session.execute(query.order_by(ImportRun.id.desc()).limit(count))
    ]


def imported_before(run: ImportRun) -> datetime | None:
    """When exactly this file was imported last, None if it never was."""
    same = (RUN.c.sha256 == run.sha256, RUN.c.kind == run.kind, RUN.c.state == RunState.DONE.value, RUN.c.id != run.id)
    return db.session.scalar(select(func.max(RUN.c.ended_at)).where(*same))


def waiting_runs(now: datetime) -> list[int]:
    """Runs that no living process works on, for the tick; not those that ended every process that took them."""
    free = (RUN.c.worker == "") | (RUN.c.progress_at < now - SILENT_AFTER)
    query = select(RUN.c.id).where(RUN.c.state.in_(WORKING), free, RUN.c.claims < CLAIMS_AT_MOST)
    return list(db.session.scalars(query.order_by(RUN.c.id)))


def forget_old(folder: Path, now: datetime) -> None:
    """Delete uploads that nobody went on with, files whose run has ended, and old reports."""
    forgotten = (RunState.UPLOADED.value, RunState.CHECKED.value)
    old = select(RUN.c.id).where(RUN.c.state.in_(forgotten), RUN.c.created_at < now - FORGOTTEN_AFTER)
    for run_id in db.session.scalars(old).all():
        discard(run_id, folder, now)
    needed = set(db.session.scalars(select(RUN.c.stored_as).where(RUN.c.state.in_(OPEN))))
    for name in import_files.names_older_than(folder, now - FORGOTTEN_AFTER):
        if name not in needed:
            import_files.delete(folder, name)
    import_report.forget(now - REPORT_KEPT)


def written_as(layout: Layout) -> str:
    """How the file is written, for the screen: "Semikolon, Windows-1252"."""
    return f"{SEPARATOR_LABELS.get(layout.separator, layout.separator)}, {ENCODING_LABELS[layout.encoding]}"


def _step(run_id: int, state: RunState, now: datetime, *conditions: ColumnElement[bool], **values: object) -> None:
    """Move the run if its state and the conditions permit; a step begins with an empty report."""
    before = [earlier.value for earlier, later in RUN_STEPS.items() if state in later]
    if state in WORKING:
        values |= {"counts": {}, "rows_done": 0, "worker": "", "claims": 0, "problem": ""}
    mine = (RUN.c.id == run_id, RUN.c.state.in_(before), *conditions)
    move = update(RUN).where(*mine).values(state=state.value, progress_at=now, **values)
    with write_transaction() as session:
        if not session.execute(move).rowcount:
            raise DomainError(NOT_NOW)
        if state in WORKING:
            session.execute(delete(ImportProblem.__table__).where(ImportProblem.__table__.c.run_id == run_id))


def _twice(label: str, column: str) -> Problem:
    return Problem("import_field_twice", f"„{label}“ kommt schon aus der Spalte „{column}“.", "Bitte ein anderes Feld wählen.")


def _as_json(mapping: Mapping[int, str]) -> dict[str, str]:
    return {str(position): field for position, field in sorted(mapping.items())}
