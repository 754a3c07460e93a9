"""What a batch of rows comes to before it is written: counts, problems, and what the planners of people and appointments share.

A batch is planned without a lock and written under one; in between somebody may have typed something, so it is asked once more
whether the plan still holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from messaging.importers.problems import RowProblem

#: Rows of one transaction: a short lock, for the sender shares the database.
BATCH_ROWS = 1000
#: Values in one IN list (older SQLite knows no more than 999).
LIST_AT_MOST = 500
#: More brings nothing: the pages of a batch fit in, and those of the next are others.
CACHE_KILOBYTES = 16_384
#: 32 MB: search words are spread over the whole index, so batches that go home together write a third less to the disk.
CHECKPOINT_PAGES = 8_000

COUNTED = ("rows", "created", "updated", "unchanged", "refused", "warnings", "consents", "consents_without_target")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Task:
    """Everything about a run that its rows need. `kind` is patients, prospects or appointments; `names` field -> column name."""

    run_id: int
    kind: str
    filename: str
    names: dict[str, str]
    yes_purposes: tuple[str, ...]
    sms_field_counts: bool
    user_id: int | None
    now: datetime


class Plan(Protocol):
    """A batch that is ready to be written."""

    counts: Counter[str]
    problems: list[RowProblem]

    def still_holds(self, session: Session) -> bool:
        """Tell, under the lock, whether nobody changed anything since the plan was made."""

    def write(self, session: Session) -> None:
        """Write the rows inside the caller's transaction."""


def batched(items: Iterable[Item], size: int = BATCH_ROWS) -> Iterator[list[Item]]:
    """Cut into lists of `size`; the last may be shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def lists_of(values: Iterable[Item]) -> Iterator[Sequence[Item]]:
    """Cut into lists short enough for IN."""
    return batched(values, LIST_AT_MOST)


def suit_long_writing(session: Session) -> None:
    """Set SQLite for a process that writes for a minute: little memory, and the write-ahead log is brought home less often."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"PRAGMA cache_size=-{CACHE_KILOBYTES}"))
        session.execute(text(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}"))


def hold_tables(session: Session) -> None:
    """Let nobody else write persons and consents until the end of the transaction; SQLite's own lock does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE person, consent, appointment IN SHARE ROW EXCLUSIVE MODE"))


def let_batch_pass(session: Session) -> None:
    """Wait for a batch that holds the tables, before holding a person's row for an edit.

    FOR UPDATE alone does not wait for it: then the batch waits for the row and the edit for the table, for ever.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE person IN ROW EXCLUSIVE MODE"))
