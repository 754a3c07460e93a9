""" "Nur Fehlgeschlagene erneut senden": a new open draft for those a dispatch surely did not reach.

It goes through the check window again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, literal, select

from messaging.domain.errors import DomainError, Problem
from messaging.domain.states import NOT_REACHED
from messaging.models import Attachment, Dispatch, Draft, Message, db, write_transaction
from messaging.services import audit, drafts

NOTHING_FAILED = Problem("nothing_failed", "In diesem Versand ist nichts fehlgeschlagen.")


def resend_failed(dispatch_id: int, user_id: int, now: datetime) -> int:
    """Returns the id of the new draft. Raises DomainError when nothing failed."""
    dispatch = db.session.get_one(Dispatch, dispatch_id)
    failed = (Message.dispatch_id == dispatch_id, Message.state.in_(NOT_REACHED))
    if not db.session.scalar(select(func.count()).where(*failed)):
        raise DomainError(NOTHING_FAILED)
    draft = db.session.get_one(Draft, dispatch.draft_id)
    new = drafts.NewDraft(user_id, dispatch.channel, dispatch.purpose, draft.origin, _text(dispatch, draft))
    with write_transaction() as session:
        source = select(Message.id.label("key"), Message.person_id, Message.appointment_id).where(*failed).subquery()
        draft_id = drafts.create_draft(new, source, now)
        session.execute(_copy_attachments(draft.id, draft_id))
        audit.record(session, now, user_id, "dispatch_resent", "dispatch", dispatch_id, draft_id=draft_id)
    return draft_id


def _text(dispatch: Dispatch, draft: Draft) -> dict[str, object]:
    """The text as it was sent, not as the template is today."""
    return {
        "account_id": dispatch.account_id,
        "subject": dispatch.subject,
        "body": dispatch.body,
        "signature_id": draft.signature_id,
    }


def _copy_attachments(source_id: int, target_id: int) -> object:
    columns = ("filename", "media_type", "size", "content")
    rows = select(literal(target_id), *(getattr(Attachment, name) for name in columns))
    return insert(Attachment).from_select(["draft_id", *columns], rows.where(Attachment.draft_id == source_id))
