"""Where stored texts are used: the drafts and dispatches that took a template or close with a signature."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from messaging.domain.states import DraftState
from messaging.models import Dispatch, Draft, db

USES_SHOWN = 20

#: Draft.message_template_id or Draft.signature_id.
TextOfDraft = InstrumentedAttribute[int | None]


@dataclass(frozen=True, slots=True)
class Use:
    """One draft (`dispatch_id` None) or dispatch that took the text."""

    draft_id: int
    dispatch_id: int | None
    subject: str
    at: datetime


def uses_of(text: TextOfDraft, text_id: int) -> list[Use]:
    """The latest drafts and dispatches that took this text."""
    query = (
        select(Draft.id, Dispatch.id, Draft.subject, Draft.updated_at)
        .outerjoin(Dispatch, Dispatch.draft_id == Draft.id)
        .where(text == text_id, Draft.state != DraftState.DISCARDED)
        .order_by(Draft.updated_at.desc(), Draft.id.desc())
        .limit(USES_SHOWN)
    )
    return [Use(*row) for row in db.session.execute(query)]


def times_used(text: TextOfDraft, state: DraftState) -> Counter[int]:
    """By id of the text, how many drafts in this state took it."""
    query = select(text, func.count()).where(Draft.state == state, text.is_not(None)).group_by(text)
    return Counter({key: times for key, times in db.session.execute(query) if key})
