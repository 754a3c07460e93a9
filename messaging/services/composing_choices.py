"""What the composer offers to choose from: accounts, signatures, templates and macros. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from messaging.domain import draft_text
from messaging.domain.macro_catalogue import MACROS, MacroGroup
from messaging.domain.words import PURPOSE_LABELS, Purpose
from messaging.models import Draft, MailAccount, MessageTemplate, Signature, db
from messaging.outbox.macro_facts import has_appointments

#: (value, words) of a select; a group is (words, options)
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MacroChip:
    """A macro to click. `why_not` is the sentence why it is not on offer here, "" if it is."""

    name: str
    written: str
    description: str
    example: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Choices:
    accounts: list[Option]
    signatures: list[Option]
    templates: list[tuple[str, list[Option]]]
    macros: list[tuple[str, list[MacroChip]]]


def choices(draft: Draft) -> Choices:
    """Everything the composer of this draft offers."""
    return Choices(
        accounts(draft.account_id), signatures(draft.signature_id), templates(draft.channel, draft.purpose), chips(draft)
    )


def accounts(chosen: int | None = None) -> list[Option]:
    """Active accounts, and the chosen one even if it was switched off since."""
    rows = db.session.scalars(
        select(MailAccount).where(MailAccount.active | (MailAccount.id == chosen)).order_by(MailAccount.name)
    )
    return [(str(row.id), _account_words(row)) for row in rows]


def signatures(chosen: int | None = None) -> list[Option]:
    """Signatures in use, and the chosen one even if it was deleted since."""
    query = select(Signature.id, Signature.name).where(Signature.archived_at.is_(None) | (Signature.id == chosen))
    return [(str(id_), name) for id_, name in db.session.execute(query.order_by(Signature.name))]


def templates(channel: str, purpose: str) -> list[tuple[str, list[Option]]]:
    """Templates of the channel by purpose; those for the purpose of the draft come first."""
    query = select(MessageTemplate).where(MessageTemplate.channel == channel, MessageTemplate.archived_at.is_(None))
    rows = db.session.scalars(query.order_by(MessageTemplate.name)).all()
    order = sorted(Purpose, key=lambda one: one != purpose)
    groups = [(PURPOSE_LABELS[one], [(str(row.id), row.name) for row in rows if row.purpose == one]) for one in order]
    return [(words, options) for words, options in groups if options]


def chips(draft: Draft) -> list[tuple[str, list[MacroChip]]]:
    """All macros in their groups, those that this draft cannot carry with the reason."""
    return chips_for(draft.channel, with_appointments=has_appointments(db.session(), draft.id))


def chips_for(channel: str, *, with_appointments: bool) -> list[tuple[str, list[MacroChip]]]:
    """All macros in their groups for a channel."""
    return [
        (
            group.value,
            [
                MacroChip(one.name, one.written, one.description, one.example,
                          draft_text.why_greyed(one, channel, with_appointments=with_appointments))
                for one in MACROS
                if one.group is group
            ],
        )
        for group in MacroGroup
    ]  # fmt: skip


def _account_words(row: MailAccount) -> str:
    words = f"{row.name} – {row.sender_name} <{row.sender_address}>"
    return words if row.active else f"{words} (abgeschaltet)"
