"""States of an import run, every permitted step between them, and how long silence may last. Nothing is read or written here."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class RunState(StrEnum):
    UPLOADED = "uploaded"  # columns are being matched
    CHECKING = "checking"  # dry run
    CHECKED = "checked"  # the dry run's report is there
    APPLYING = "applying"  # rows are being written
    DONE = "done"
    FAILED = "failed"  # the file as a whole was refused, or the import broke off: what was written before stays
    DISCARDED = "discarded"


R = RunState

RUN_STEPS: dict[RunState, frozenset[RunState]] = {
    R.UPLOADED: frozenset({R.CHECKING, R.APPLYING, R.DISCARDED}),  # scripts go without a dry run
    R.CHECKING: frozenset({R.CHECKED, R.FAILED, R.DISCARDED}),
    R.CHECKED: frozenset({R.CHECKING, R.APPLYING, R.DISCARDED}),  # again, with other columns
    R.APPLYING: frozenset({R.DONE, R.FAILED, R.DISCARDED}),  # discarded only if nothing is written and no process is at it
    R.DONE: frozenset(),
    R.FAILED: frozenset(),
    R.DISCARDED: frozenset(),
}

RUN_LABELS = {
    R.UPLOADED: "Spalten zuordnen",
    R.CHECKING: "Probelauf läuft",
    R.CHECKED: "geprüft",
    R.APPLYING: "wird übernommen",
    R.DONE: "übernommen",
    R.FAILED: "nicht übernommen",
    R.DISCARDED: "verworfen",
}

#: A process is at work on these.
WORKING = (R.CHECKING, R.APPLYING)
#: The file is still needed.
OPEN = (R.UPLOADED, R.CHECKING, R.CHECKED, R.APPLYING)

#: A process that finished no rows for so long has died. Longer than a write may have to wait for the lock (30 s).
SILENT_AFTER = timedelta(seconds=60)
#: Nobody began for so long: no process is free, or none is running.
WAITING_TOLD_AFTER = timedelta(seconds=10)
#: So many beginnings without one finished batch: the file itself ends every process.
CLAIMS_AT_MOST = 3
#: An upload that nobody went on with is deleted with its file.
FORGOTTEN_AFTER = timedelta(hours=24)
#: A report shows values of patients; the counts of the run stay.
REPORT_KEPT = timedelta(days=90)


class Standing(StrEnum):
    """How a run that is being worked on stands, for the page."""

    WORKING = "working"
    WAITING = "waiting"  # asked for, but no process has begun
    SILENT = "silent"  # its process died; the tick or a person gives it to another
    GIVEN_UP = "given_up"  # every process that took it died; only a person starts it again
    ENDED = "ended"


def standing(state: str, worker: str, progress_at: datetime | None, claims: int, now: datetime) -> Standing:
    """Judge from its last sign of life whether somebody works on a run."""
    if state not in WORKING:
        return Standing.ENDED
    quiet_for = now - (progress_at or now)
    if worker and quiet_for <= SILENT_AFTER:
        return Standing.WORKING
    if claims >= CLAIMS_AT_MOST:
        return Standing.GIVEN_UP
    if worker:
        return Standing.SILENT
    return Standing.WAITING if quiet_for > WAITING_TOLD_AFTER else Standing.WORKING
