"""Files that go with every message of a draft, and the one that was taken off last. What may be attached is decided in
`domain.attachment_rules`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from messaging.domain.attachment_rules import CheckedFile, checked_file, require_room, size_words
from messaging.models import Attachment, db, write_transaction
from messaging.services.drafts import require_open


@dataclass(frozen=True)
class AttachedFile:
    """One file of the list under the text."""

    id: int
    filename: str
    media_type: str
    size: int

    @property
    def size_words(self) -> str:
        return size_words(self.size)


def attached(draft_id: int) -> list[AttachedFile]:
    """The files of a draft in the order they were added; their content is not loaded."""
    query = select(Attachment.id, Attachment.filename, Attachment.media_type, Attachment.size)
    rows = db.session.execute(query.where(Attachment.draft_id == draft_id).order_by(Attachment.id))
    return [AttachedFile(*row) for row in rows]


def last_removed(draft_id: int) -> str:
    """The name of the file that `put_back` would bring back; "" when there is none."""
    return db.session.scalar(select(Attachment.filename).where(Attachment.removed_from_id == draft_id)) or ""


def attach(draft_id: int, files: Iterable[tuple[str, bytes]]) -> None:
    """Attach (name, content) files: all of them or, with a DomainError, none."""
    checked = [checked_file(name, content) for name, content in files]
    with write_transaction() as session:
        require_open(session, draft_id)
        require_room(_sizes(session, draft_id), [file.size for file in checked])
        if checked:
            forget_removed(session, draft_id)
        session.add_all(_row(draft_id, file) for file in checked)


def remove(draft_id: int, attachment_id: int) -> None:
    """Take one file off the draft and keep it for `put_back` until the next step; one that is gone already is no mistake."""
    with write_transaction() as session:
        require_open(session, draft_id)
        row = session.get(Attachment, attachment_id)
        if row is not None and row.draft_id == draft_id:
            forget_removed(session, draft_id)
            row.draft_id, row.removed_from_id = None, draft_id


def put_back(draft_id: int) -> None:
    """Undo the last removal. Nothing to bring back is no mistake; DomainError when there is no room for it any more."""
    with write_transaction() as session:
        require_open(session, draft_id)
        row = session.scalar(select(Attachment).where(Attachment.removed_from_id == draft_id))
        if row is not None:
            require_room(_sizes(session, draft_id), [row.size])
            row.draft_id, row.removed_from_id = draft_id, None


def forget_removed(session: Session, draft_id: int) -> None:
    """Delete the file that could have been put back: a new one came, or the draft is on its way."""
    session.execute(delete(Attachment).where(Attachment.removed_from_id == draft_id))


def total_size(draft_id: int) -> int:
    """Bytes of all files of a draft together."""
    return db.session.scalar(select(func.coalesce(func.sum(Attachment.size), 0)).where(Attachment.draft_id == draft_id)) or 0


def _sizes(session: Session, draft_id: int) -> list[int]:
    return list(session.scalars(select(Attachment.size).where(Attachment.draft_id == draft_id)))


def _row(draft_id: int, file: CheckedFile) -> Attachment:
    return Attachment(draft_id=draft_id, filename=file.filename, media_type=file.media_type, size=file.size, content=file.content)
