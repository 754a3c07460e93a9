"""The text of a dispatch as it was confirmed, with its macros, and as one recipient got it. Nothing is sent or changed here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from messaging.domain.macros import UnfilledMacro
from messaging.domain.states import MessageState
from messaging.models import Attachment, Dispatch, Message, db
from messaging.rendering.email import CompiledMail, with_signature

#: The macro of the name in "To".
NAME = "Name"


@dataclass(frozen=True, slots=True)
class ShownText:
    """Subject and body for the eyes. `html` is that of the mail; a page cleans it before showing it."""

    subject: str
    html: str
    to_name: str = ""
    to_address: str = ""


@dataclass(frozen=True, slots=True)
class DispatchText:
    """`example` is None when nobody was to get it or its text cannot be filled."""

    written: ShownText
    example: ShownText | None
    files: tuple[str, ...]


def text_of(dispatch_id: int) -> DispatchText:
    """The text of an existing dispatch."""
    dispatch = db.session.get_one(Dispatch, dispatch_id)
    whole = with_signature(dispatch.body, dispatch.signature)
    files = db.session.scalars(
        select(Attachment.filename).where(Attachment.draft_id == dispatch.draft_id).order_by(Attachment.id)
    )
    return DispatchText(ShownText(dispatch.subject, whole), _example(dispatch), tuple(files))


def _example(dispatch: Dispatch) -> ShownText | None:
    """What the first recipient got; before anybody got it, what the first one would get."""
    mine = Message.dispatch_id == dispatch.id
    went_out = select(func.min(Message.id)).where(mine, Message.state == MessageState.SENT).scalar_subquery()
    anybody = select(func.min(Message.id)).where(mine).scalar_subquery()
    row = db.session.execute(
        select(Message.address, Message.values).where(Message.id == func.coalesce(went_out, anybody))
    ).first()
    if row is None:
        return None
    try:
        filled = CompiledMail(dispatch.subject, dispatch.body, dispatch.signature).fill(row.values)
    except UnfilledMacro:
        return None
    return ShownText(filled.subject, filled.html, row.values.get(NAME, ""), row.address)
