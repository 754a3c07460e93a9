"""Stored texts (Vorlagen): list, write, copy, put away and fetch back. Drafts copy them; what was sent stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select

from messaging.domain import draft_text
from messaging.domain.edit_merge import merge, refuse_edit
from messaging.domain.html_text import to_plain_text
from messaging.domain.states import DraftState
from messaging.domain.words import PURPOSE_LABELS, Channel, Purpose
from messaging.models import Draft, MessageTemplate, db, write_transaction
from messaging.services import audit
from messaging.services.example_texts import EXAMPLES
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

#: Channels that texts can be stored for so far.
CHANNELS = (Channel.EMAIL,)
#: What can be changed of a text that is stored.
FIELDS = ("name", "purpose", "subject", "body")
WORDS = {"purpose": lambda purpose: PURPOSE_LABELS[Purpose(purpose)], "body": to_plain_text}
_PLACES = {draft_text.SUBJECT: "subject", draft_text.BODY: "body"}


@dataclass(frozen=True, slots=True)
class TypedTemplate:
    """What the form holds, cleaned."""

    name: str = ""
    channel: str = Channel.EMAIL
    purpose: str = Purpose.INFORMATION
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """One line of the list. `open_drafts` and `dispatches` use it or used it."""

    id: int
    name: str
    channel: str
    purpose: str
    subject: str
    updated_at: datetime
    open_drafts: int
    dispatches: int


def typed(name: str, channel: str, purpose: str, subject: str, body: str) -> TypedTemplate:
    """Clean what was typed; an unknown channel or purpose becomes the usual one."""
    return TypedTemplate(
        clean_name(name),
        channel if channel in CHANNELS else Channel.EMAIL,
        purpose if purpose in set(Purpose) else Purpose.INFORMATION,
        draft_text.clean_subject(subject),
        draft_text.clean_body(body),
    )


def stored(row: MessageTemplate) -> TypedTemplate:
    return TypedTemplate(row.name, row.channel, row.purpose, row.subject, row.body)


def listed() -> list[ListedTemplate]:
    """All templates in use, by name."""
    rows = db.session.scalars(select(MessageTemplate).where(MessageTemplate.archived_at.is_(None)).order_by(MessageTemplate.name))
    drafts, dispatches = (times_used(Draft.message_template_id, state) for state in (DraftState.OPEN, DraftState.CONFIRMED))
    return [
        ListedTemplate(
            row.id, row.name, row.channel, row.purpose, row.subject, row.updated_at, drafts[row.id], dispatches[row.id]
        )
        for row in rows
    ]


def uses(template_id: int) -> Uses:
    """The latest drafts and dispatches that took this text."""
    return uses_of(Draft.message_template_id, template_id)


def refusals(typed: TypedTemplate, own_id: int | None = None) -> Refusals:
    """Why this text may not be stored, by field; empty when it may. No text is stored that could never be filled."""
    found = name_refusal(typed.name, is_taken(db.session(), MessageTemplate, typed.name, own_id))
    if draft_text.is_blank(typed.body):
        found["body"] = "Bitte schreiben Sie einen Text."
    found |= draft_text.length_problems(typed.subject, typed.body)
    return found | macro_refusals(draft_text.complaints(typed.subject, typed.body, "", typed.channel), _PLACES)


def create(typed: TypedTemplate, user_id: int, now: datetime) -> int:
    """Store a new template and return its id. Raises TextRefused."""
    with write_transaction() as session:
        if refused := refusals(typed):
            raise TextRefused(refused)
        row = _new_row(typed, user_id, now)
        session.add(row)
        session.flush()
        audit.record(session, now, user_id, "template_created", "message_template", row.id)
    return row.id


def update(template_id: int, typed: TypedTemplate, base: Mapping[str, str], user_id: int, now: datetime) -> None:
    """Change a template in a form that began at `base`; what others changed meanwhile stays. Raises EditRefused.

    The channel stays what it was: another channel is another text.
    """
    with write_transaction() as session:
        row = session.get_one(MessageTemplate, template_id, populate_existing=True, with_for_update=True)
        merged = merge(FIELDS, base, asdict(stored(row)), asdict(typed))
        joined = TypedTemplate(channel=row.channel, **merged.texts)
        refuse_edit(merged, problems_of(refusals(joined, template_id)), WORDS)
        row.name, row.purpose, row.subject, row.body = joined.name, joined.purpose, joined.subject, joined.body
        row.updated_at, row.updated_by_id = now, user_id
        audit.record(session, now, user_id, "template_changed", "message_template", template_id)


def copy(template_id: int, user_id: int, now: datetime) -> int:
    """Store the same text under another name ("… (Kopie)"); returns the copy's id."""
    with write_transaction() as session:
        source = session.get_one(MessageTemplate, template_id, populate_existing=True)
        name = free_name(session, MessageTemplate, source.name)
        row = _new_row(replace(stored(source), name=name), user_id, now)
        session.add(row)
        session.flush()
        audit.record(session, now, user_id, "template_created", "message_template", row.id, copied_from=template_id)
    return row.id


def archive(template_id: int, user_id: int, now: datetime) -> None:
    """Put a template away: nobody is offered it any more. Twice is once."""
    with write_transaction() as session:
        if put(session, MessageTemplate, template_id, now, now):
            audit.record(session, now, user_id, "template_archived", "message_template", template_id)


def restore(template_id: int, user_id: int, now: datetime) -> None:
    """Fetch a template back; if its name was taken meanwhile, under another one."""
    with write_transaction() as session:
        if put(session, MessageTemplate, template_id, None, now):
            audit.record(session, now, user_id, "template_restored", "message_template", template_id)


def take_examples(user_id: int, now: datetime) -> int:
    """Store the example texts that are not there yet under their names; returns how many."""
    with write_transaction() as session:
        there = set(session.scalars(select(MessageTemplate.name).where(MessageTemplate.archived_at.is_(None))))
        new = [TypedTemplate(*one) for one in EXAMPLES if one.name not in there]
        session.add_all(_new_row(one, user_id, now) for one in new)
        audit.record(session, now, user_id, "template_examples_taken", "message_template", None, count=len(new))
    return len(new)


def _new_row(typed: TypedTemplate, user_id: int, now: datetime) -> MessageTemplate:
    return MessageTemplate(
        name=typed.name,
        channel=typed.channel,
        purpose=typed.purpose,
        subject=typed.subject,
        body=typed.body,
        updated_at=now,
        updated_by_id=user_id,
    )
