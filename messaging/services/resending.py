""" "Nur Fehlgeschlagene erneut senden": a new open draft for those a dispatch surely did not reach.

It goes through the check window again. Nobody is in two such drafts: while one is open it is the only one, and whoever is in a
later dispatch is sent to again from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, insert, literal, select
from sqlalchemy.orm import Session

from messaging.domain.errors import DomainError, Problem
from messaging.models import Attachment, Dispatch, Draft, Message, db, write_transaction
from messaging.outbox import claims
from messaging.services import audit, drafts, resent

NOTHING_FAILED = Problem("nothing_failed", "In diesem Versand ist nichts fehlgeschlagen.")
ALL_RESENT = Problem(
    "all_resent",
    "Für alle Fehlgeschlagenen gibt es schon einen neuen Versand.",
    "Wen auch der nicht erreicht hat, dem senden Sie bitte von dort aus erneut.",
)


@dataclass(frozen=True, slots=True)
class ResendDraft:
    """`created` is False when somebody began one already; it is that one then."""

    id: int
    created: bool


def resend_failed(dispatch_id: int, user_id: int, now: datetime) -> ResendDraft:
    """The draft for those it did not reach. Raises DomainError when nobody is left for one."""
    with write_transaction() as session:
        # two desks at the same moment make one draft
        dispatch = claims.hold(session, dispatch_id)
        begun = resent.open_draft(session, dispatch_id)
        if begun is not None:
            return ResendDraft(begun, created=False)
        _refuse_if_nobody(session, dispatch_id)
        return ResendDraft(_new_draft(session, dispatch, user_id, now), created=True)


def left_to_resend(dispatch_id: int) -> int:
    """How many a new draft would hold."""
    return db.session.scalar(select(func.count()).where(*resent.left(dispatch_id))) or 0


def _refuse_if_nobody(session: Session, dispatch_id: int) -> None:
    if session.scalar(select(exists().where(*resent.left(dispatch_id)))):
        return
    failed = session.scalar(select(exists().where(*resent.failed(dispatch_id))))
    raise DomainError(ALL_RESENT if failed else NOTHING_FAILED)


def _new_draft(session: Session, dispatch: Dispatch, user_id: int, now: datetime) -> int:
    draft = session.get_one(Draft, dispatch.draft_id)
    new = drafts.NewDraft(user_id, dispatch.channel, dispatch.purpose, draft.origin, _text(dispatch, draft))
    columns = (Message.id.label("key"), Message.person_id, Message.appointment_id)
    draft_id = drafts.create_draft(new, select(*columns).where(*resent.left(dispatch.id)).subquery(), now)
    session.execute(_copy_attachments(draft.id, draft_id))
    audit.record(session, now, user_id, "dispatch_resent", "dispatch", dispatch.id, draft_id=draft_id)
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
