"""Which drafts were made to send again to those a dispatch did not reach, and who is covered by them. Reads only."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from messaging.domain.states import NOT_REACHED, DraftState, MessageState
from messaging.models import AuditEntry, Dispatch, Draft, Message, Recipient
from messaging.services.dispatch_log import RESENT

#: Ends of a message that was never handed over.
NEVER_SENT = (MessageState.CANCELLED, MessageState.SKIPPED)


def drafts_of(dispatch_id: int) -> Select[tuple[int]]:
    """Every draft ever made to send again to those the dispatch did not reach."""
    asked = (AuditEntry.object_type == "dispatch", AuditEntry.object_id == dispatch_id, AuditEntry.action == RESENT)
    return select(Draft.id).where(Draft.id.in_(select(AuditEntry.detail["draft_id"].as_integer()).where(*asked)))


def source_of(session: Session, draft_id: int) -> int | None:
    """The dispatch whose failed a draft is for; None for a draft of its own."""
    asked = (AuditEntry.object_type == "dispatch", AuditEntry.action == RESENT)
    return session.scalar(select(AuditEntry.object_id).where(*asked, AuditEntry.detail["draft_id"].as_integer() == draft_id))


def failed(dispatch_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Message.dispatch_id == dispatch_id, Message.state.in_(NOT_REACHED))


def left(dispatch_id: int) -> tuple[ColumnElement[bool], ...]:
    """Failed, and for the same person and appointment nothing in a later dispatch that was, is or will be handed over."""
    return (*failed(dispatch_id), ~_covered(dispatch_id, Message.person_id, Message.appointment_id))


def open_draft(session: Session, dispatch_id: int) -> int | None:
    """The draft that is open for the failed of a dispatch."""
    begun = drafts_of(dispatch_id).where(Draft.state == DraftState.OPEN)
    return session.scalar(begun.order_by(Draft.id.desc()).limit(1))


def is_overtaken(session: Session, dispatch_id: int, draft_id: int) -> bool:
    """Whether another draft for the same failed is open, or somebody of this draft is in a later dispatch already."""
    if open_draft(session, dispatch_id) not in (None, draft_id):
        return True
    covered = _covered(dispatch_id, Recipient.person_id, Recipient.appointment_id)
    return bool(session.scalar(select(exists().where(Recipient.draft_id == draft_id, covered))))


def _covered(dispatch_id: int, person_id: ColumnElement[int], appointment_id: ColumnElement[int | None]) -> ColumnElement[bool]:
    again = aliased(Message)
    later = select(Dispatch.id).where(Dispatch.draft_id.in_(drafts_of(dispatch_id)))
    same = (again.person_id == person_id, again.appointment_id.is_not_distinct_from(appointment_id))
    return exists().where(*same, again.dispatch_id.in_(later), again.state.not_in(NEVER_SENT))
