"""Errands: what a person at the screen wants from a worker. Here they are written down and their answer is read.

The view wakes the worker after `start`; what a worker does with an errand is `outbox.errand_runner`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from messaging.models import Errand, db, write_transaction
from messaging.outbox import errand_runner

CHECK_ACCOUNT, TEST_MAIL = "check_account", "test_mail"

#: A worker that lives takes an urgent errand at once; after this long nobody is there.
TAKEN_WITHIN = timedelta(seconds=15)
#: By then the tick has closed an errand that lost its worker (after seven minutes: jobs.errands), if anybody works at all.
DONE_WITHIN = timedelta(minutes=9)

REPLACED = "Dieser Auftrag wurde durch einen neueren ersetzt."


@dataclass(frozen=True, slots=True)
class ErrandFacts:
    """One errand as a page shows it. `answer` is a German sentence, `detail` the other side's raw words."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    state: str
    answer: str
    detail: str
    created_by_id: int | None
    #: when a worker took it; before that, when it was asked for
    since: datetime

    @property
    def worked(self) -> bool:
        return self.state == "done"

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")

    def nobody_works(self, now: datetime) -> bool:
        """Whether no worker took it in time, or the one that took it is gone."""
        limits = {"waiting": TAKEN_WITHIN, "running": DONE_WITHIN}
        return self.state in limits and now - self.since >= limits[self.state]


def start(kind: str, payload: Mapping[str, int | str], user_id: int | None, now: datetime) -> int:
    """Write an errand down and return its id; `payload` holds ids and the like, never a secret.

    An errand of the same kind and user that still waits is withdrawn: when a worker comes back, impatience must not send three
    test mails.
    """
    with write_transaction() as session:
        waiting = update(Errand).where(Errand.kind == kind, Errand.created_by_id == user_id, Errand.state == "waiting")
        session.execute(waiting.values(state="failed", answer=REPLACED, ended_at=now))
        errand = Errand(kind=kind, payload=dict(payload), created_by_id=user_id, created_at=now)
        session.add(errand)
        session.flush()
        return errand.id


def errand(errand_id: int) -> ErrandFacts | None:
    """The errand as it is now; None if there is none."""
    row = db.session.get(Errand, errand_id, populate_existing=True)
    if row is None:
        return None
    return ErrandFacts(
        row.id, row.kind, row.payload, row.state, row.answer, row.detail, row.created_by_id, errand_runner.taken_at(row)
    )
