"""Where stored texts are used: the drafts and dispatches that took a template or close with a signature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
    """One draft (`dispatch_id` None) or dispatch that took the text. `at`: last changed, or begun, or confirmed if it has not."""

    draft_id: int
    dispatch_id: int | None
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Uses:
    """The latest ones, and how many there are beside them."""

    latest: Sequence[Use]
    more: int


def uses_of(text: TextOfDraft, text_id: int) -> Uses:
    """The drafts and dispatches that took this text."""
    took_it = (text == text_id, Draft.state != DraftState.DISCARDED)
    at = func.coalesce(Dispatch.started_at, Dispatch.created_at, Draft.updated_at)
    query = (
        select(Draft.id, Dispatch.id, Draft.subject, at)
        .outerjoin(Dispatch, Dispatch.draft_id == Draft.id)
        .where(*took_it)
        .order_by(at.desc(), Draft.id.desc())
        .limit(USES_SHOWN)
    )
    latest = [Use(*row) for row in db.session.execute(query)]
    total = db.session.scalar(select(func.count()).select_from(Draft).where(*took_it)) or 0
    return Uses(latest, total - len(latest))


def times_used(text: TextOfDraft, state: DraftState) -> Counter[int]:
    """By id of the text, how many drafts in this state took it."""
    query = select(text, func.count()).where(Draft.state == state, text.is_not(None)).group_by(text)
    return Counter({key: times for key, times in db.session.execute(query) if key})
