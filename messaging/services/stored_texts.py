"""What templates and signatures share: whether a typed text may be stored, free names, putting away and fetching back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from messaging.domain import draft_text
from messaging.domain.draft_text import TextComplaint
from messaging.domain.errors import DomainError, Problem
from messaging.models import MessageTemplate, Signature

LONGEST_NAME = 80

#: By field of the form; the sentence stands beside it.
Refusals = dict[str, str]


Stored = type[MessageTemplate] | type[Signature]


class TextRefused(DomainError):
    """A typed template or signature cannot be stored. Nothing was; `sentences` by field say what to do."""

    def __init__(self, sentences: Refusals) -> None:
        super().__init__(Problem("text_refused", " ".join(sentences.values())))
        self.sentences = sentences


def problems_of(sentences: Refusals) -> dict[str, Problem]:
    """Refusals of a text as problems beside those of an edit."""
    return {field: Problem("text_refused", sentence) for field, sentence in sentences.items()}


def clean_name(typed: str) -> str:
    return draft_text.clean_subject(typed)[: LONGEST_NAME + 1]


def name_refusal(name: str, taken: bool) -> Refusals:
    """What is wrong with the name of a stored text; `taken`: another one in use is called so."""
    if not name:
        return {"name": "Bitte geben Sie einen Namen ein, unter dem Sie den Text wiederfinden."}
    if len(name) > LONGEST_NAME:
        return {"name": f"Bitte kürzen: Ein Name hat höchstens {LONGEST_NAME} Zeichen."}
    return {"name": "Bitte wählen Sie einen anderen Namen. Diesen gibt es schon."} if taken else {}


def macro_refusals(found: tuple[TextComplaint, ...], fields: dict[str, str]) -> Refusals:
    """The complaints about macros as sentences beside the field of their place (draft_text.SUBJECT, BODY, SIGNATURE)."""
    refusals: Refusals = {}
    for one in found:
        field = fields[one.place]
        refusals[field] = f"{refusals.get(field, '')} {one.sentence}".strip()
    return refusals


def is_taken(session: Session, kind: Stored, name: str, own_id: int | None = None) -> bool:
    """Whether another text of this kind in use is called so."""
    query = select(kind.id).where(kind.name == name, kind.archived_at.is_(None), kind.id != (own_id or 0))
    return session.scalar(query.limit(1)) is not None


def free_name(session: Session, kind: Stored, name: str) -> str:
    """The name with "(Kopie)", "(Kopie 2)" … behind it, whichever is free."""
    taken = set(session.scalars(select(kind.name)))
    names = (f"{name} (Kopie{f' {n}' if n > 1 else ''})" for n in range(1, len(taken) + 2))
    return next(free for free in names if free not in taken)


def put(session: Session, kind: Stored, row_id: int, archived_at: datetime | None, now: datetime) -> bool:
    """Put a text away (`archived_at`) or fetch it back (None), under another name if its own was taken; False if it is so."""
    row = session.get_one(kind, row_id, populate_existing=True)
    if (row.archived_at is None) == (archived_at is None):
        return False
    if archived_at is None and is_taken(session, kind, row.name, row.id):
        row.name = free_name(session, kind, row.name)
    row.archived_at, row.updated_at = archived_at, now
    return True
