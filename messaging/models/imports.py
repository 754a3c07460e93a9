"""Import runs and what was wrong with their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import db


class ImportRun(db.Model):
    """One uploaded file on its way: uploaded -> checking -> checked -> applying -> done | failed | discarded."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: patients | prospects | appointments
    kind: Mapped[str]
    filename: Mapped[str]
    #: name of the stored file inside the data folder's `imports/`
    stored_as: Mapped[str]
    sha256: Mapped[str]
    state: Mapped[str]
    #: position of the column in the file, from 0 -> field
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: rows, created, updated, unchanged, refused, warnings, consents, consents_without_target
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    #: the process that works on it, "" for none
    worker: Mapped[str] = mapped_column(default="")
    #: last sign of life: when it was asked for, then when rows were last finished
    progress_at: Mapped[datetime | None]
    #: how often a process began since rows were last finished; a file that kills every worker must not be tried for ever
    claims: Mapped[int] = mapped_column(default=0)
    #: German sentence when the whole file was refused or the import broke off
    problem: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]


class ImportProblem(db.Model):
    """One problem of one row of a run."""

    __tablename__ = "import_problem"
    __table_args__ = (Index("ix_import_problem_run", "run_id", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    #: line of the record as a spreadsheet counts it (the head is row 1)
    row: Mapped[int]
    column: Mapped[str] = mapped_column(default="")
    value: Mapped[str] = mapped_column(default="")
    #: refused | warning
    severity: Mapped[str]
    sentence: Mapped[str]
