"""Hand-over notes: "begins now" before each message and what came of it after. Written without waiting for the disk.

The result of one message and the beginning of the next share a transaction. After a killed process at most one message per
connection has a beginning without a result; the next claim's durable commit carries all earlier notes to the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, exists, or_, select, update

from messaging.domain.states import CLAIMABLE, DispatchState, MessageState
from messaging.models import Attempt, Dispatch, Message
from messaging.models.direct import DirectConnection, DirectStatement

_BEGIN = (
    update(Attempt)
    .where(
        Attempt.id == bindparam("this_attempt"),
        Attempt.ended_at.is_(None),
        exists(select(Dispatch.id).where(Dispatch.id == Attempt.dispatch_id, Dispatch.state == DispatchState.RUNNING)),
    )
    .values(began_at=bindparam("at"))
)
_END_ATTEMPT = (
    update(Attempt)
    .where(Attempt.id == bindparam("this_attempt"))
    .values(ended_at=bindparam("at"), outcome=bindparam("what"), code=bindparam("why"), detail=bindparam("said"))
)
#: A result that comes late, after recovery called the message unknown, is still the truth. A message that a person has decided
#: about belongs to no claim any more.
_END_MESSAGE = (
    update(Message)
    .where(
        Message.id == bindparam("this_message"),
        Message.claim == bindparam("name"),
        or_(Message.state == MessageState.SENDING, Message.state == MessageState.UNKNOWN),
    )
    .values(
        state=bindparam("to_state"),
        reason=bindparam("why"),
        next_attempt_at=bindparam("again"),
        ended_at=bindparam("ended"),
        lease_until=None,
    )
)
_OF_THIS_ATTEMPT = select(Attempt.dispatch_id).where(Attempt.id == bindparam("this_attempt")).scalar_subquery()
#: Changes nothing, but nobody cancels or finishes the dispatch until this transaction ends (claims.hold, said directly).
_HOLD = update(Dispatch).where(Dispatch.id == _OF_THIS_ATTEMPT).values(total=Dispatch.total)
#: What is open again after all must not be forgotten by a dispatch that counted it as final …
_REOPEN = (
    update(Dispatch)
    .where(Dispatch.id == _OF_THIS_ATTEMPT, Dispatch.state == DispatchState.FINISHED)
    .values(state=DispatchState.RUNNING, finished_at=None)
)
#: … nor stay open in one that was cancelled during the hand-over.
_CANCEL = (
    update(Message)
    .where(
        Message.id == bindparam("this_message"),
        Message.claim == bindparam("name"),
        exists(select(Dispatch.id).where(Dispatch.id == Message.dispatch_id, Dispatch.state == DispatchState.CANCELLED)),
    )
    .values(state=MessageState.CANCELLED, reason="cancelled_by_user", ended_at=bindparam("at"))
)
_RENEW = (
    update(Message)
    .where(
        Message.id.in_(select(Attempt.message_id).where(Attempt.claim == bindparam("name"), Attempt.ended_at.is_(None))),
        Message.claim == bindparam("name"),
        Message.state == MessageState.SENDING,
    )
    .values(lease_until=bindparam("lease"))
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one hand-over. `again` is the time of the next try, for a state that has one."""

    message_id: int
    attempt_id: int
    claim: str
    state: MessageState
    outcome: str
    at: datetime
    code: str = ""
    detail: str = ""
    again: datetime | None = None


class Notes:
    """A connection of its own for the notes of one drain. Closed by `close`."""

    def __init__(self, engine: Engine) -> None:
        self._begin, self._end_attempt, self._end_message, self._renew, self._hold, self._reopen, self._cancel = (
            DirectStatement(statement, engine)
            for statement in (_BEGIN, _END_ATTEMPT, _END_MESSAGE, _RENEW, _HOLD, _REOPEN, _CANCEL)
        )
        self._connection = DirectConnection(engine)

    def step(self, result: Result | None, next_attempt: int | None, at: datetime) -> bool:
        """Record a result and/or begin the next attempt. False: the next one may not begin (paused, cancelled, or not ours)."""
        begin = [(self._begin, {"this_attempt": next_attempt, "at": at})] if next_attempt is not None else []
        if result is not None and result.state in CLAIMABLE:
            self._record_open(result)
            result = None
        steps = [*(self._final(result) if result else ()), *begin]
        rows = self._connection.run_together(steps) if steps else 0
        return not begin or rows == 1

    def renew(self, claim: str, until: datetime) -> None:
        """Keep the claim for longer: a slow server is no dead worker."""
        with self._connection.transaction() as cursor:
            self._renew.run(cursor, {"name": claim, "lease": until})

    def close(self) -> None:
        self._connection.close()

    def _final(self, result: Result) -> list[tuple[DirectStatement, dict[str, Any]]]:
        return [(self._end_attempt, _of_attempt(result)), (self._end_message, _of_message(result))]

    def _record_open(self, result: Result) -> None:
        """What is to be tried again. Its dispatch may have ended meanwhile, so it is held first."""
        attempt, message = _of_attempt(result), _of_message(result)
        with self._connection.transaction() as cursor:
            self._hold.run(cursor, attempt)
            self._end_attempt.run(cursor, attempt)
            if self._end_message.run(cursor, message):
                self._reopen.run(cursor, attempt)
                self._cancel.run(cursor, message | attempt)


def _of_attempt(result: Result) -> dict[str, Any]:
    return {
        "this_attempt": result.attempt_id,
        "at": result.at,
        "what": str(result.outcome),
        "why": result.code,
        "said": result.detail,
    }


def _of_message(result: Result) -> dict[str, Any]:
    return {
        "this_message": result.message_id,
        "name": result.claim,
        "to_state": result.state.value,
        "why": result.code,
        "again": result.again or result.at,
        "ended": None if result.state in CLAIMABLE else result.at,
    }
