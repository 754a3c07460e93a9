"""Written reasons: a user with that right lets one recipient go without permission. Logged, visible, revocable.

Never against a withdrawal, a contact block or a death (`Reason.overridable`). Who has the right is for the web to say (role).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from messaging.domain.errors import DomainError, Problem
from messaging.domain.recipient_rows import NOT_UNTICKED, RowState, may_be_overridden
from messaging.models import Recipient, write_transaction
from messaging.services import audit
from messaging.services.drafts import require_open
from messaging.services.drafts_checking import STATE_COLUMNS, recheck_rows

REASON_AT_LEAST, REASON_AT_MOST = 10, 500

UNKNOWN_ROW = Problem("recipient_unknown", "Diese Zeile gibt es in diesem Entwurf nicht.", "Bitte laden Sie die Liste neu.")
NOT_OVERRIDABLE = Problem(
    "not_overridable", "Gegen diesen Grund hilft keine Begründung: Die Person bekommt diese Nachricht nicht."
)
TOO_SHORT = Problem(
    "reason_too_short", "Die Begründung wird protokolliert.", "Bitte begründen Sie in einem Satz, warum Sie schreiben dürfen."
)
TOO_LONG = Problem("reason_too_long", f"Es passen {REASON_AT_MOST} Zeichen.", "Bitte fassen Sie sich kürzer.")
WRONG_WORDS = (TOO_SHORT, TOO_LONG)


def override(draft_id: int, recipient_id: int, reason: str, user_id: int, now: datetime) -> None:
    """Let this row go out for a written reason and tick it. The row is checked again first: what counts is what holds now."""
    words = " ".join(reason.split())
    if not REASON_AT_LEAST <= len(words) <= REASON_AT_MOST:
        raise DomainError(TOO_SHORT if len(words) < REASON_AT_LEAST else TOO_LONG)
    with write_transaction() as session:
        row = _checked_row(session, draft_id, recipient_id, now)
        if not may_be_overridden(_state(row)):
            raise DomainError(NOT_OVERRIDABLE)
        row.override_reason, row.overridden_by_id = words, user_id
        row.ticked, row.unticked_batch = True, NOT_UNTICKED
        audit.record(session, now, user_id, "override_given", "recipient", row.id,
                     draft_id=draft_id, person_id=row.person_id, reason=row.reason)  # fmt: skip


def withdraw(draft_id: int, recipient_id: int, user_id: int, now: datetime) -> None:
    """Take a written reason back; the row stays ticked and does not go out."""
    with write_transaction() as session:
        require_open(session, draft_id)
        row = _row(session, draft_id, recipient_id)
        if row.override_reason:
            row.override_reason = ""
            audit.record(
                session, now, user_id, "override_withdrawn", "recipient", row.id, draft_id=draft_id, person_id=row.person_id
            )


def _checked_row(session: Session, draft_id: int, recipient_id: int, now: datetime) -> Recipient:
    draft = require_open(session, draft_id)
    recheck_rows(session, draft, now, _row(session, draft_id, recipient_id).person_id)
    return _row(session, draft_id, recipient_id)


def _row(session: Session, draft_id: int, recipient_id: int) -> Recipient:
    row = session.get(Recipient, recipient_id, populate_existing=True)
    if row is None or row.draft_id != draft_id:
        raise DomainError(UNKNOWN_ROW)
    return row


def _state(row: Recipient) -> RowState:
    return RowState(*(getattr(row, column.key) for column in STATE_COLUMNS))
