"""From a confirmed draft to a dispatch with its messages: all in one transaction, so that a draft has one dispatch or none.

Who goes is decided by the rows of the check window, which the caller has just checked again; here they only become messages.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from messaging.domain.errors import DomainError, Problem
from messaging.domain.recipient_check import same_text_duplicates
from messaging.domain.states import DispatchState, DraftState, MessageState
from messaging.domain.words import Purpose
from messaging.models import (
    Appointment,
    Attachment,
    Dispatch,
    Draft,
    MailAccount,
    Message,
    Recipient,
    Signature,
    db,
    write_transaction,
)
from messaging.outbox.macro_facts import facts_query, filled_rows
from messaging.outbox.sendable import left_out_counts, sendable_clause
from messaging.rendering.email import CompiledMail

ROWS_AT_ONCE = 2_000
#: Always needed beside the macros of the text: the name in the To header.
NAME = "Name"

#: What a candidate has beside its values, in the order of its fields.
_STAGED = tuple(
    column.label(f"staged_{column.key}")
    for column in (Recipient.person_id, Recipient.appointment_id, Appointment.starts_at, Recipient.address,
                   Recipient.override_reason, Recipient.reason)
)  # fmt: skip

CHANGED = Problem(
    "draft_changed",
    "Der Entwurf wurde inzwischen geändert oder schon gesendet.",
    "Bitte prüfen Sie die Seite noch einmal und senden Sie dann.",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the confirm page promised: how many go out, and the `seal` of what they get."""

    count: int
    seal: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One recipient that goes out, with the values of its text. `doubled`: the same address already gets the very same text."""

    recipient_id: int
    person_id: int
    appointment_id: int | None
    appointment_start: datetime | None
    address: str
    override_reason: str
    #: what stands against it, if a written reason lets it go all the same
    objection: str
    values: dict[str, str]
    doubled: bool = False


def compiled(session: Session, draft: Draft) -> CompiledMail:
    """The draft's text with its signature."""
    signature = session.get(Signature, draft.signature_id) if draft.signature_id else None
    return CompiledMail(draft.subject, draft.body, signature.body if signature else "")


def candidates(session: Session, draft: Draft, mail: CompiledMail, now: datetime) -> list[Candidate]:
    """Everybody who goes out, in the order of the list.

    Same address and same text is doubled, for every purpose but appointments. One query for all: else an import in between
    could move an appointment after its text was filled, and nobody would see that the text is wrong.
    """
    query = facts_query(draft.id, None, sendable_clause()).add_columns(*_STAGED)
    filled = filled_rows(session, query, mail.macro_names | {NAME}, now)
    rows = [Candidate(row[0], *row[-len(_STAGED) :], values) for row, values in filled]
    if draft.purpose == Purpose.APPOINTMENT or draft.keep_doubled:
        return rows
    marks = same_text_duplicates((row.address, _wording(mail, row.values)) for row in rows)
    return [replace(row, doubled=True) if doubled else row for row, doubled in zip(rows, marks, strict=True)]


def _wording(mail: CompiledMail, values: dict[str, str]) -> str:
    filled = mail.fill(values)
    return f"{filled.subject}\n{filled.text}"


def seal(session: Session, draft: Draft) -> str:
    """A short mark of what goes out beside the draft's own text, which its version guards: purpose, sender, signature, files."""
    account = session.get(MailAccount, draft.account_id) if draft.account_id else None
    signature = session.get(Signature, draft.signature_id, populate_existing=True) if draft.signature_id else None
    files = session.scalars(select(Attachment.id).where(Attachment.draft_id == draft.id).order_by(Attachment.id)).all()
    parts = (draft.purpose, draft.keep_doubled, account and (account.sender_name, account.sender_address),
             signature and signature.body, [*files])  # fmt: skip
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def left_out(session: Session, draft_id: int, rows: Sequence[Candidate]) -> dict[str, int]:
    """How many do not go out, by reason code."""
    counts = left_out_counts(session, draft_id)
    doubled = sum(row.doubled for row in rows)
    return counts | ({"duplicate_address": doubled} if doubled else {})


def stage(
    draft_id: int,
    user_id: int,
    now: datetime,
    scheduled_at: datetime,
    version: int,
    also: Callable[[Session, int], None] = lambda _session, _dispatch_id: None,
    seen: Seen | None = None,
) -> int:
    """Make the dispatch and its messages; returns its id. `also` writes what belongs to it in the same transaction.

    Raises DomainError when the draft is not as the caller saw it (`version`, `seen`), or changed while it was read here.
    """
    session = db.session()
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    mail = compiled(session, draft)
    rows = candidates(session, draft, mail, now)
    going = [row for row in rows if not row.doubled]
    read = Seen(len(going), seal(session, draft))
    if seen not in (None, read):
        raise DomainError(CHANGED)
    with write_transaction() as session:
        _confirm(session, draft_id, version, now)
        _require_unchanged(session, draft_id, read.seal, [row.recipient_id for row in rows])
        dispatch = _dispatch(session, draft, user_id, now, scheduled_at)
        dispatch.left_out = left_out(session, draft_id, rows)
        dispatch.selected = len(going) + sum(dispatch.left_out.values())
        dispatch.total = len(going)
        session.flush()
        domain = session.get_one(MailAccount, dispatch.account_id).sender_address.rpartition("@")[2]
        for chunk in _chunks(going):
            session.execute(insert(Message), [_message(row, dispatch, domain) for row in chunk])
        also(session, dispatch.id)
        return dispatch.id


def _confirm(session: Session, draft_id: int, version: int, now: datetime) -> None:
    """The one step from open to confirmed; whoever comes second changes no row."""
    confirmed = session.execute(
        update(Draft)
        .where(Draft.id == draft_id, Draft.state == DraftState.OPEN, Draft.version == version)
        .values(state=DraftState.CONFIRMED, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    if not confirmed.rowcount:
        raise DomainError(CHANGED)


def _require_unchanged(session: Session, draft_id: int, sealed: str, recipient_ids: Sequence[int]) -> None:
    """A tick, a file or a purpose that somebody changed while the texts were filled; the draft is locked now."""
    draft = session.get_one(Draft, draft_id, populate_existing=True)
    going = select(Recipient.id).where(Recipient.draft_id == draft_id, sendable_clause()).order_by(Recipient.position)
    if seal(session, draft) != sealed or session.scalars(going).all() != recipient_ids:
        raise DomainError(CHANGED)


def _dispatch(session: Session, draft: Draft, user_id: int, now: datetime, scheduled_at: datetime) -> Dispatch:
    signature = session.get(Signature, draft.signature_id) if draft.signature_id else None
    starts_now = scheduled_at <= now
    dispatch = Dispatch(
        draft_id=draft.id,
        channel=draft.channel,
        purpose=draft.purpose,
        state=DispatchState.RUNNING if starts_now else DispatchState.SCHEDULED,
        account_id=draft.account_id,
        subject=draft.subject,
        body=draft.body,
        signature=signature.body if signature else "",
        created_at=now,
        created_by_id=user_id,
        scheduled_at=scheduled_at,
        started_at=now if starts_now else None,
        total=0,
    )
    session.add(dispatch)
    return dispatch


def _message(row: Candidate, dispatch: Dispatch, domain: str) -> dict[str, Any]:
    """A row of the outbox. Its Message-ID is fixed here, before the first try."""
    return {
        "dispatch_id": dispatch.id,
        "recipient_id": row.recipient_id,
        "person_id": row.person_id,
        "appointment_id": row.appointment_id,
        "appointment_start": row.appointment_start,
        "address": row.address,
        "values": row.values,
        "reference": f"<{secrets.token_hex(16)}@{domain}>",
        "override_reason": row.override_reason,
        "overridden_code": row.objection if row.override_reason else "",
        "state": MessageState.QUEUED,
        "reason": "",
        "attempts": 0,
        "next_attempt_at": dispatch.scheduled_at,
        "claim": "",
    }


def _chunks(rows: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]
