"""Signatures (Signaturen): list, write, copy, put away and fetch back. Drafts show them as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select

from messaging.domain import draft_text
from messaging.domain.edit_merge import merge, refuse_edit
from messaging.domain.html_text import to_plain_text
from messaging.domain.states import DraftState
from messaging.domain.words import Channel
from messaging.models import Draft, Signature, db, write_transaction
from messaging.services import audit
from messaging.services.stored_texts import (
    Refusals,
    TextRefused,
    clean_name,
    free_name,
    is_taken,
    macro_refusals,
    name_refusal,
    problems_of,
    put,
)
from messaging.services.text_uses import Uses, times_used, uses_of

FIELDS = ("name", "body")
WORDS = {"body": to_plain_text}
_PLACES = {draft_text.SIGNATURE: "body"}


@dataclass(frozen=True, slots=True)
class TypedSignature:
    """What the form holds, cleaned."""

    name: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class ListedSignature:
    """One entry of the list. `open_drafts` would show a change at once; `dispatches` closed with it as it was then."""

    id: int
    name: str
    body: str
    updated_at: datetime
    open_drafts: int
    dispatches: int


def typed(name: str, body: str) -> TypedSignature:
    """Clean what was typed."""
    return TypedSignature(clean_name(name), draft_text.clean_body(body))


def stored(row: Signature) -> TypedSignature:
    return TypedSignature(row.name, row.body)


def listed() -> list[ListedSignature]:
    """All signatures in use, by name."""
    rows = db.session.scalars(select(Signature).where(Signature.archived_at.is_(None)).order_by(Signature.name))
    drafts, dispatches = (times_used(Draft.signature_id, state) for state in (DraftState.OPEN, DraftState.CONFIRMED))
    return [ListedSignature(row.id, row.name, row.body, row.updated_at, drafts[row.id], dispatches[row.id]) for row in rows]


def uses(signature_id: int) -> Uses:
    """The latest drafts and dispatches that close with this signature."""
    return uses_of(Draft.signature_id, signature_id)


def open_drafts(signature_id: int) -> int:
    """How many open drafts would show a change."""
    query = select(func.count()).where(Draft.signature_id == signature_id, Draft.state == DraftState.OPEN)
    return db.session.scalar(query) or 0


def refusals(typed: TypedSignature, own_id: int | None = None) -> Refusals:
    """Why this signature may not be stored, by field; empty when it may."""
    found = name_refusal(typed.name, is_taken(db.session(), Signature, typed.name, own_id))
    if draft_text.is_blank(typed.body):
        found["body"] = "Bitte schreiben Sie, womit die Nachricht schließen soll."
    found |= draft_text.length_problems("", typed.body)
    return found | macro_refusals(draft_text.complaints("", "", typed.body, Channel.EMAIL), _PLACES)


def create(typed: TypedSignature, user_id: int, now: datetime) -> int:
    """Store a new signature and return its id. Raises TextRefused."""
    with write_transaction() as session:
        if refused := refusals(typed):
            raise TextRefused(refused)
        row = Signature(name=typed.name, body=typed.body, updated_at=now)
        session.add(row)
        session.flush()
        audit.record(session, now, user_id, "signature_created", "signature", row.id)
    return row.id


def update(signature_id: int, typed: TypedSignature, base: Mapping[str, str], user_id: int, now: datetime) -> None:
    """Change a signature in a form that began at `base`; what others changed meanwhile stays. Raises EditRefused."""
    with write_transaction() as session:
        row = session.get_one(Signature, signature_id, populate_existing=True, with_for_update=True)
        merged = merge(FIELDS, base, asdict(stored(row)), asdict(typed))
        joined = TypedSignature(**merged.texts)
        refuse_edit(merged, problems_of(refusals(joined, signature_id)), WORDS)
        row.name, row.body, row.updated_at = joined.name, joined.body, now
        audit.record(session, now, user_id, "signature_changed", "signature", signature_id)


def copy(signature_id: int, user_id: int, now: datetime) -> int:
    """Store the same signature under another name ("… (Kopie)"); returns the copy's id."""
    with write_transaction() as session:
        source = session.get_one(Signature, signature_id, populate_existing=True)
        row = Signature(name=free_name(session, Signature, source.name), body=source.body, updated_at=now)
        session.add(row)
        session.flush()
        audit.record(session, now, user_id, "signature_created", "signature", row.id, copied_from=signature_id)
    return row.id


def archive(signature_id: int, user_id: int, now: datetime) -> None:
    """Put a signature away: nobody is offered it any more; open drafts keep it. Twice is once."""
    with write_transaction() as session:
        if put(session, Signature, signature_id, now, now):
            audit.record(session, now, user_id, "signature_archived", "signature", signature_id)


def restore(signature_id: int, user_id: int, now: datetime) -> None:
    """Fetch a signature back; if its name was taken meanwhile, under another one."""
    with write_transaction() as session:
        if put(session, Signature, signature_id, None, now):
            audit.record(session, now, user_id, "signature_restored", "signature", signature_id)
