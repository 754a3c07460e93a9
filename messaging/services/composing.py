"""The text of a draft: account, signature, template, subject and body, saved so that no tab overwrites another unseen.

What is wrong with a text is said in `preview`; who gets it is the business of `recipients`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from messaging.domain import draft_text
from messaging.domain.errors import DomainError, Problem
from messaging.models import Draft, MailAccount, MessageTemplate, Signature, db, write_transaction
from messaging.services.drafts import require_open

STALE = Problem(
    "draft_stale",
    "Dieser Entwurf wurde in einem anderen Fenster weitergeschrieben. Ihr Text steht noch hier, ist aber nicht gespeichert.",
    "Bitte entscheiden Sie, welcher Text gelten soll.",
)
NO_TEMPLATE = Problem("template_gone", "Diese Vorlage gibt es nicht mehr.", "Bitte wählen Sie eine andere.")
NOTHING_REPLACED = Problem("nothing_replaced", "Es gibt keinen früheren Text, der zurückgeholt werden könnte.")


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in the composer. `body` is sanitised HTML, `subject` one line; None means "not chosen"."""

    subject: str = ""
    body: str = ""
    account_id: int | None = None
    signature_id: int | None = None
    message_template_id: int | None = None

    @property
    def is_blank(self) -> bool:
        return not self.subject and draft_text.is_blank(self.body)


class TooLong(DomainError):
    """Something typed is longer than can be meant. `sentences` by place (draft_text.SUBJECT, BODY)."""

    def __init__(self, sentences: dict[str, str]) -> None:
        super().__init__(Problem("too_long", " ".join(sentences.values())))
        self.sentences = sentences


def typed_text(subject: str, body: str, account_id: int | None, signature_id: int | None) -> Text:
    """What somebody typed, cleaned as it will be stored."""
    return Text(draft_text.clean_subject(subject), draft_text.clean_body(body), account_id, signature_id)


def stored_text(draft: Draft) -> Text:
    return Text(draft.subject, draft.body, draft.account_id, draft.signature_id, draft.message_template_id)


def save(draft_id: int, typed: Text, version: int, now: datetime) -> int:
    """Store the text and return its new version. A text that is stored already is no new version, however old the caller's.

    Raises DomainError STALE when another tab saved meanwhile, TooLong, or what `require_open` refuses.
    """
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        _store(session, draft, replace(typed, message_template_id=draft.message_template_id), version, now)
    return draft.version


def use_template(draft_id: int, typed: Text, template_id: int, version: int, now: datetime) -> Draft:
    """Put a template's text in place of the typed one, which is kept for `undo`. No subject in it: the typed one stays."""
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        template = session.get(MessageTemplate, template_id)
        if template is None or template.archived_at is not None or template.channel != draft.channel:
            raise DomainError(NO_TEMPLATE)
        before = replace(typed, message_template_id=draft.message_template_id)
        new = replace(typed, subject=template.subject or typed.subject, body=template.body, message_template_id=template.id)
        _store(session, draft, new, version, now)
        draft.replaced_text = None if before.is_blank else _kept(before)
    return draft


def undo(draft_id: int, typed: Text, version: int, now: datetime) -> Draft:
    """Bring back the text that a template replaced; what stands there now is kept in its place, so undoing can be undone."""
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        if draft.replaced_text is None:
            raise DomainError(NOTHING_REPLACED)
        now_there = replace(typed, message_template_id=draft.message_template_id)
        _store(session, draft, replace(typed, **_alive(session, draft.replaced_text)), version, now)
        draft.replaced_text = _kept(now_there)
    return draft


def mend(draft_id: int, typed: Text, place: str, written: str, replacement: str, version: int, now: datetime) -> Draft:
    """Replace a macro in subject or body as a complaint offered it (replacement "" removes it), and save."""
    changed = {place: draft_text.mend(getattr(typed, place), written, replacement)} if place in ("subject", "body") else {}
    mended = replace(typed, **changed)
    clean = replace(mended, subject=draft_text.clean_subject(mended.subject), body=draft_text.clean_body(mended.body))
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        _store(session, draft, replace(clean, message_template_id=draft.message_template_id), version, now)
    return draft


def _store(session: Session, draft: Draft, text: Text, version: int, now: datetime) -> None:
    if text == stored_text(draft):
        return
    if draft.version != version:
        raise DomainError(STALE)
    if too_long := draft_text.length_problems(text.subject, text.body):
        raise TooLong(too_long)
    draft.subject, draft.body, draft.message_template_id = text.subject, text.body, text.message_template_id
    draft.account_id = _existing(session, MailAccount, text.account_id)
    draft.signature_id = _existing(session, Signature, text.signature_id)
    draft.version += 1
    draft.updated_at = now


def _existing(session: Session, model: type[Any], row_id: int | None) -> int | None:
    """An id that really is one: a choice may be deleted, or made up, before it is saved."""
    return row_id if row_id is not None and session.get(model, row_id) is not None else None


def _kept(text: Text) -> dict[str, Any]:
    return {"subject": text.subject, "body": text.body, "message_template_id": text.message_template_id}


def _alive(session: Session, kept: dict[str, Any]) -> dict[str, Any]:
    return {**kept, "message_template_id": _existing(session, MessageTemplate, kept["message_template_id"])}


def suggested_text(draft: Draft, user_id: int) -> Text:
    """The stored text; one that was never saved begins with the account and signature this user took last."""
    text = stored_text(draft)
    if draft.version > 1 or text.account_id is not None:
        return text
    last = db.session.scalars(
        select(Draft)
        .where(Draft.owner_id == user_id, Draft.channel == draft.channel, Draft.account_id.is_not(None), Draft.id != draft.id)
        .order_by(Draft.updated_at.desc(), Draft.id.desc())
        .limit(1)
    ).first()
    accounts = db.session.scalars(select(MailAccount.id).where(MailAccount.active)).all()
    account_id = last.account_id if last and last.account_id in accounts else (accounts[0] if len(accounts) == 1 else None)
    return replace(text, account_id=account_id, signature_id=_suggested_signature(last) if text.signature_id is None else None)


def _suggested_signature(last: Draft | None) -> int | None:
    alive = db.session.scalars(select(Signature.id).where(Signature.archived_at.is_(None))).all()
    if last is not None:
        return last.signature_id if last.signature_id in alive else None
    return alive[0] if len(alive) == 1 else None


def keep_doubled(draft_id: int, *, keep: bool, now: datetime) -> None:
    """Whether the same address also gets the same text again. Usually it does not; a family may want each its own."""
    with write_transaction() as session:
        draft = require_open(session, draft_id)
        draft.keep_doubled, draft.updated_at = keep, now
