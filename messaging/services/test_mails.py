"""Test mails: asked for at the composer, sent by a worker to one typed address, counted nowhere.

The text must be in order: no text with an unfilled macro leaves the house, not even to a colleague.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from messaging.domain.email_address import EMAIL_PROBLEMS, check_email
from messaging.domain.errors import DomainError, Problem
from messaging.models import Draft, Errand, Recipient, db
from messaging.services import composing, errands, preview

NO_RECIPIENT = Problem("test_no_recipient", "Ohne Empfänger gibt es nichts einzusetzen.", "Bitte zuerst die Empfänger prüfen.")
NOBODY_WORKS = "Kein Versandprozess aktiv: Die Test-E-Mail wartet, bis wieder einer läuft."
UNDER_WAY = "Die Test-E-Mail wird gesendet …"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for. `address` is as typed."""

    draft_id: int
    recipient_id: int | None
    address: str


@dataclass(frozen=True, slots=True)
class TestMail:
    """Where a test mail is. `waiting`: ask again soon; `unanswered`: nobody works on it; `bad`: it was not sent."""

    __test__ = False  # not one of pytest's classes

    id: int
    sentence: str
    detail: str = ""
    waiting: bool = False
    unanswered: bool = False
    bad: bool = False


def ask_for(wish: Wish, user_id: int, now: datetime) -> int:
    """Write the errand down and return its id; the caller wakes a worker. Raises DomainError with what is missing."""
    check = check_email(wish.address)
    if check.reason:
        raise DomainError(EMAIL_PROBLEMS[check.reason])
    draft = db.session.get_one(Draft, wish.draft_id, populate_existing=True)
    _require_sendable(draft, now)
    recipient = db.session.get(Recipient, wish.recipient_id) if wish.recipient_id else None
    if recipient is None or recipient.draft_id != draft.id:
        raise DomainError(NO_RECIPIENT)
    payload = {"draft_id": draft.id, "recipient_id": recipient.id, "to": check.wire or wish.address.strip()}
    return errands.start(errands.TEST_MAIL, payload, user_id, now)


def _require_sendable(draft: Draft, now: datetime) -> None:
    looked_at = preview.preview(draft, composing.stored_text(draft), 1, now)
    first = next(iter((*looked_at.missing, *looked_at.complaints)), None)
    if first is not None:
        raise DomainError(Problem(first.code, first.sentence))


def refused(problem: Problem) -> TestMail:
    """The state of a test mail that was not even asked for."""
    return TestMail(0, problem.text, bad=True)


def state(errand_id: int, draft_id: int, user_id: int, now: datetime) -> TestMail | None:
    """Where this test mail of this draft is; None if it is not this user's."""
    facts = errands.errand(errand_id)
    if facts is None or facts.created_by_id != user_id or facts.payload.get("draft_id") != draft_id:
        return None
    if facts.is_over:
        return TestMail(facts.id, facts.answer, facts.detail if not facts.worked else "", bad=not facts.worked)
    if facts.nobody_works(now):
        return TestMail(facts.id, NOBODY_WORKS, unanswered=True, bad=True)
    return TestMail(facts.id, UNDER_WAY, waiting=True)


def last_address(user_id: int) -> str:
    """Where this user's last test mail went; "" before the first."""
    query = select(Errand.payload).where(Errand.kind == errands.TEST_MAIL, Errand.created_by_id == user_id)
    payload = db.session.scalars(query.order_by(Errand.id.desc()).limit(1)).first()
    return payload.get("to", "") if payload else ""
