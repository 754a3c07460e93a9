"""Taking messages: which may go now, claimed by one committed UPDATE before any provider is contacted.

One claim covers a small group, so that the durable commit is paid once for it. Here too: fresh eyes at hand-over (permission,
address, appointment as they are now) and giving back what was claimed but not begun.

Whoever moves messages holds their dispatch first, so that nobody can cancel or finish it in between.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session

from messaging.domain.delivery_rules import held_up_too_long
from messaging.domain.recipient_check import CheckFacts, RecipientCheck, may_go
from messaging.domain.sending_limits import LIMIT_CODES
from messaging.domain.states import CLAIMABLE, DispatchState, MessageState
from messaging.models import Attempt, Dispatch, Message
from messaging.models.store import write_transaction
from messaging.outbox import check_facts, limits
from messaging.outbox.epoch import disk_epoch

#: Messages per claim: what one durable commit is shared by, and what a power cut can make doubtful.
GROUP = 100
#: Connections that may be at work on one dispatch, and the smallest group that is worth a durable commit of its own.
SHARED_BY, SMALLEST_GROUP = 4, 5
#: Longer than the longest hand-over (providers.smtp says how long that is), renewed between two hand-overs. What is begun and
#: has no result when it ends is unknown.
LEASE = timedelta(seconds=600)
#: A claim not renewed for so long holds nobody up any longer: what it has not begun goes back to the queue.
SILENT_AFTER = timedelta(seconds=180)


@dataclass(frozen=True, slots=True)
class Item:
    """One claimed message, with all that writing it takes."""

    message_id: int
    attempt_id: int
    address: str
    values: Mapping[str, Any]
    reference: str
    appointment_start: datetime | None


@dataclass(frozen=True, slots=True)
class Override:
    """A written reason to send without permission, and the objection (code of domain.reasons) it was written against."""

    reason: str
    against: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a drain may do next: hand over `items`; without any, wait until `wait_until` (None = nothing is due)."""

    name: str
    items: tuple[Item, ...] = ()
    wait_until: datetime | None = None
    skipped: int = 0


def claim(dispatch_id: int, now: datetime, size: int = GROUP) -> Claim:
    """Claim up to `size` due messages of a running dispatch, durably, and skip those that must not go any more."""
    name = secrets.token_hex(8)
    with write_transaction() as session:
        dispatch = hold(session, dispatch_id)
        if dispatch is None or dispatch.state != DispatchState.RUNNING:
            return Claim(name)
        if dispatch.wait_until and dispatch.wait_until > now and dispatch.wait_code not in LIMIT_CODES:
            return Claim(name, wait_until=dispatch.wait_until)
        room = limits.free_now(session, dispatch.account_id, now, dispatch.id)
        dispatch.wait_until, dispatch.wait_code = room.until, room.code
        if room.free == 0:
            return Claim(name, wait_until=room.until)
        share = _share(session, dispatch_id, now, size)
        ids = _due(session, dispatch_id, now, share if room.free is None else min(share, room.free))
        if not ids:
            return Claim(name)
        _take(session, dispatch, ids, name, now)
        skipped = _skip_unfit(session, dispatch, ids, name, now)
        return Claim(name, _items(session, ids, name), skipped=len(skipped))


def look_again(dispatch_id: int, name: str, now: datetime) -> frozenset[int]:
    """Fresh eyes for what this claim holds and has not begun: skips who must not get it any more; returns their message ids."""
    with write_transaction() as session:
        dispatch = hold(session, dispatch_id)
        waiting = session.scalars(_not_begun(name)).all()
        return frozenset(_skip_unfit(session, dispatch, waiting, name, now)) if dispatch and waiting else frozenset()


def _not_begun(name: str) -> Select[Any]:
    return select(Attempt.message_id).where(Attempt.claim == name, Attempt.began_at.is_(None), Attempt.ended_at.is_(None))


def hold(session: Session, dispatch_id: int) -> Dispatch | None:
    """The dispatch as it is now, held until this transaction ends (on SQLite a writer holds everything anyway)."""
    return session.get(Dispatch, dispatch_id, populate_existing=True, with_for_update=True)


def _share(session: Session, dispatch_id: int, now: datetime, size: int) -> int:
    """Towards the end smaller groups, so that every connection has something to do where the server is slow."""
    due = (Message.dispatch_id == dispatch_id, Message.state.in_(CLAIMABLE), Message.next_attempt_at <= now)
    some = select(Message.id).where(*due).limit(size * SHARED_BY).subquery()
    count = session.scalar(select(func.count()).select_from(some)) or 0
    return min(size, max(SMALLEST_GROUP, -(-count // SHARED_BY)))


def _due(session: Session, dispatch_id: int, now: datetime, size: int) -> list[int]:
    """Retries first, then the longest due: a message that was given back waits behind the others, so that none blocks them."""
    ids: list[int] = []
    for state in (MessageState.RETRYING, MessageState.QUEUED):
        due = (
            select(Message.id)
            .where(Message.dispatch_id == dispatch_id, Message.state == state, Message.next_attempt_at <= now)
            .order_by(Message.next_attempt_at, Message.id)
            .limit(size - len(ids))
            .with_for_update(skip_locked=True)
        )
        ids += session.scalars(due).all() if len(ids) < size else []
    return ids


def _take(session: Session, dispatch: Dispatch, ids: Sequence[int], name: str, now: datetime) -> None:
    """The conditional UPDATE, and an attempt for each message it took."""
    taken = (
        update(Message)
        .where(Message.id.in_(ids), Message.state.in_(CLAIMABLE))
        .values(state=MessageState.SENDING, claim=name, lease_until=now + LEASE, attempts=Message.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(taken)
    epoch = disk_epoch(session.connection())
    mine = select(Message.id).where(Message.id.in_(ids), Message.claim == name).order_by(Message.id)
    attempts = [
        {"message_id": message_id, "dispatch_id": dispatch.id, "account_id": dispatch.account_id, "claim": name, "epoch": epoch,
         "claimed_at": now, "outcome": "", "code": "", "detail": ""}
        for message_id in session.scalars(mine)
    ]  # fmt: skip
    session.execute(insert(Attempt), attempts)


def _skip_unfit(session: Session, dispatch: Dispatch, ids: Sequence[int], name: str, now: datetime) -> list[int]:
    """Look at each recipient once more; who must not get it any more is skipped with its reason. Returns their message ids."""
    check = RecipientCheck(dispatch.channel, dispatch.purpose, now)
    skipped = []
    for row in session.execute(_taken_facts(dispatch.channel, dispatch.purpose), {"ids": ids, "name": name}).all():
        written = Override(row.override_reason, row.overridden_code)
        code = unfit(check, check_facts.facts_of(row), row.staged_address, row.staged_start, written)
        if not code and held_up_too_long(dispatch.purpose, dispatch.scheduled_at, now, row.staged_start):
            code = "too_late"
        if code:
            _skip(session, row.key, name, code, now)
            skipped.append(row.key)
    return skipped


@cache
def _taken_facts(channel: str, purpose: str) -> Select[Any]:
    """The facts of a claim's recipients beside what was staged. Built once: building it costs more than running it."""
    taken = (Message.id.in_(bindparam("ids", expanding=True)), Message.claim == bindparam("name"))
    mine = select(Message.id.label("key"), Message.person_id, Message.appointment_id).where(*taken).subquery()
    staged = (
        Message.address.label("staged_address"),
        Message.appointment_start.label("staged_start"),
        Message.override_reason,
        Message.overridden_code,
    )
    return check_facts.facts_query(mine, channel, purpose).add_columns(*staged).join(Message, Message.id == mine.c.key)


def unfit(check: RecipientCheck, facts: CheckFacts, address: str, start: datetime | None, override: Override) -> str:
    """Why a staged message must not be handed over now, or "". A reason written against one objection is none against another."""
    verdict = check.verdict(facts)
    if not may_go(verdict, override.reason if verdict.reason == override.against else ""):
        return verdict.reason
    if verdict.address != address:
        return "address_changed"
    return "appointment_moved" if facts.appointment_start != start else ""


def _skip(session: Session, message_id: int, name: str, code: str, now: datetime) -> None:
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.claim == name, Message.state == MessageState.SENDING)
        .values(state=MessageState.SKIPPED, reason=code, claim="", lease_until=None, ended_at=now, attempts=Message.attempts - 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Attempt)
        .where(Attempt.message_id == message_id, Attempt.claim == name)
        .values(ended_at=now, outcome="skipped", code=code)
        .execution_options(synchronize_session=False)
    )


def _items(session: Session, ids: Sequence[int], name: str) -> tuple[Item, ...]:
    rows = session.execute(
        select(Message.id, Attempt.id, Message.address, Message.values, Message.reference, Message.appointment_start)
        .join(Attempt, (Attempt.message_id == Message.id) & (Attempt.claim == name))
        .where(Message.id.in_(ids), Message.claim == name, Message.state == MessageState.SENDING)
        .order_by(Message.id)
    )
    return tuple(Item(*row) for row in rows)


def give_back(dispatch_id: int, name: str, now: datetime) -> None:
    """Return what this claim holds and has not begun: to the queue, or to `cancelled` if the dispatch was cancelled meanwhile."""
    with write_transaction() as session:
        hold(session, dispatch_id)
        release(session, session.scalars(_not_begun(name)).all(), name, now)


def release(session: Session, message_ids: Sequence[int], name: str, now: datetime) -> None:
    """Inside a transaction that holds the dispatch: undo the claim `name` of these messages as if it had never been.

    Only of those that have not begun, whatever the caller saw before: the attempt's row decides between a worker that begins it
    and whoever takes it away, and only one of both finds it as it was.
    """
    cancelled = select(Dispatch.state == DispatchState.CANCELLED).where(Dispatch.id == Message.dispatch_id).scalar_subquery()
    released = session.scalars(
        update(Attempt)
        .where(Attempt.message_id.in_(message_ids), Attempt.claim == name, Attempt.began_at.is_(None), Attempt.ended_at.is_(None))
        .values(ended_at=now, outcome="released")
        .returning(Attempt.message_id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        update(Message)
        .where(Message.id.in_(released), Message.claim == name, Message.state == MessageState.SENDING)
        .values(
            state=case((cancelled, MessageState.CANCELLED.value), else_=MessageState.QUEUED.value),
            reason=case((cancelled, "cancelled_by_user"), else_=""),
            ended_at=case((cancelled, now), else_=None),
            claim="",
            lease_until=None,
            attempts=Message.attempts - 1,
        )
        .execution_options(synchronize_session=False)
    )
