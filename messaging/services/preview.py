"""The preview beside the text: one recipient's mail as it would go out, and what is wrong with the text now. Nothing is saved.

The mail comes from `rendering.email.CompiledMail`, which the sender uses too, so the two cannot differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from messaging.domain import draft_text, macros
from messaging.domain.calendar_de import number_words
from messaging.domain.draft_text import TextComplaint
from messaging.domain.html_text import sanitize
from messaging.domain.macro_catalogue import MACROS, MacroGroup, macro_named
from messaging.models import Draft, MailAccount, Recipient, Signature, db
from messaging.outbox.macro_facts import has_appointments, values_for_draft
from messaging.outbox.sendable import sendable_clause
from messaging.rendering.email import CompiledMail
from messaging.services.composing import Text

#: The macro of the name in "To".
NAME = "Name"
#: Always have a value, so nobody needs to be looked at.
NEVER_EMPTY = frozenset({"Briefanrede", "Heute"})
#: The practice is the same in every mail.
SAME_FOR_ALL = frozenset(macro.name for macro in MACROS if macro.group is MacroGroup.PRACTICE) - NEVER_EMPTY
#: Every appointment has these.
ALWAYS_WITH_APPOINTMENT = frozenset({"Termindatum", "Terminuhrzeit", "Terminwochentag"})
#: Signs that no keyboard writes stand for what may not be filled, until the rest is filled and cleaned.
_OPEN, _CLOSE, _LEFT, _RIGHT, _PERCENT = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_HIDE = str.maketrans({"{": _LEFT, "}": _RIGHT, "%": _PERCENT})
_SHOW = str.maketrans({_LEFT: "{", _RIGHT: "}", _PERCENT: "%"})
_SHOW_PLAIN = {**_SHOW, ord(_OPEN): None, ord(_CLOSE): None}
_SHOW_MARKED = {**_SHOW, ord(_OPEN): "<mark>", ord(_CLOSE): "</mark>"}
_FORGED = dict.fromkeys(map(ord, (_OPEN, _CLOSE, _LEFT, _RIGHT, _PERCENT)))


@dataclass(frozen=True, slots=True)
class ShownMail:
    """One recipient's mail for the eyes. `html` is sanitised and may stand in a page as it is; open macros are in <mark>."""

    recipient_id: int
    to_name: str
    to_address: str
    subject: str
    html: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A macro that is empty for some: `empty` of `total` recipients."""

    macro: str
    empty: int
    total: int

    @property
    def sentence(self) -> str:
        if self.empty == self.total:
            return f"„{self.macro}“ ist bei allen leer." if self.total > 1 else f"„{self.macro}“ ist leer."
        return f"„{self.macro}“ ist bei {number_words(self.empty)} von {number_words(self.total)} Empfängern leer."


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands beside the text. `position` counts from 1 among the `total` that would get the mail.

    `mail` is None when nobody would get it, or when a macro is so torn by formatting that nothing can be filled.
    """

    position: int
    total: int
    mail: ShownMail | None
    sender: str
    missing: tuple[TextComplaint, ...]
    complaints: tuple[TextComplaint, ...]
    gaps: tuple[Gap, ...]
    #: what stands in square brackets, as example texts have it
    blanks: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether sending is off until something is mended."""
        return bool(self.missing or self.complaints)


def preview(draft: Draft, text: Text, position: int, now: datetime) -> Preview:
    """Look at the text as the recipient at `position` would get it, and at everybody for what would be empty."""
    session = db.session()
    signature = session.get(Signature, text.signature_id) if text.signature_id else None
    account = session.get(MailAccount, text.account_id) if text.account_id else None
    closing = signature.body if signature else ""
    total = session.scalar(select(func.count()).where(Recipient.draft_id == draft.id, sendable_clause())) or 0
    position = min(max(position, 1), max(total, 1))
    return Preview(
        position=position,
        total=total,
        mail=_mail(session, draft, text, closing, position, now) if total else None,
        sender=f"{account.sender_name} <{account.sender_address}>" if account else "",
        missing=tuple(_missing(text, account)),
        complaints=complaints(draft, text, closing),
        gaps=tuple(_gaps(session, draft.id, _exported(draft, text, closing), total, now)),
        blanks=draft_text.open_blanks(text.subject, text.body),
    )


def complaints(draft: Draft, text: Text, signature: str) -> tuple[TextComplaint, ...]:
    """What is wrong with the macros of this text in this draft."""
    with_appointments = has_appointments(db.session(), draft.id)
    return draft_text.complaints(text.subject, text.body, signature, draft.channel, with_appointments=with_appointments)


def _mail(session: Session, draft: Draft, text: Text, signature: str, position: int, now: datetime) -> ShownMail | None:
    mail = CompiledMail(*(_defused(part, draft.channel) for part in (text.subject, text.body, signature)))
    row = session.execute(
        select(Recipient.id, Recipient.address)
        .where(Recipient.draft_id == draft.id, sendable_clause())
        .order_by(Recipient.position)
        .offset(position - 1)
        .limit(1)
    ).one()
    [(_, values)] = values_for_draft(session, draft.id, mail.macro_names | {NAME}, now, recipient_ids=[row.id])
    try:
        filled = mail.fill(values)
    except macros.UnfilledMacro:
        return None  # a complaint says which macro is torn
    return ShownMail(
        recipient_id=row.id,
        to_name=values[NAME],
        to_address=row.address,
        subject=filled.subject.translate(_SHOW_PLAIN),
        html=sanitize(filled.html).translate(_SHOW_MARKED),
    )


def _defused(text: str, channel: str) -> str:
    """The text with everything that may not be filled taken out of the macro language, so that the rest can be filled."""
    cut = macros.parse(text.translate(_FORGED))
    pieces = list(cut.pieces)
    for slot in cut.slots:
        fillable = slot.macro is not None and slot.macro.exported_to(channel)
        pieces[slot.index] = slot.written if fillable else _hidden(slot.written)
    return "".join(pieces)


def _hidden(written: str) -> str:
    """A macro as plain text; marked, unless tags in it would part the mark."""
    hidden = written.translate(_HIDE)
    return hidden if "<" in written else f"{_OPEN}{hidden}{_CLOSE}"


def _missing(text: Text, account: MailAccount | None) -> Iterator[TextComplaint]:
    if account is None:
        yield TextComplaint("account", "no_account", "Bitte wählen Sie ein Absenderkonto.")
    elif not account.active:
        yield TextComplaint("account", "account_off", "Bitte wählen Sie ein anderes Absenderkonto. Dieses ist abgeschaltet.")
    if not text.subject:
        yield TextComplaint(draft_text.SUBJECT, "no_subject", "Bitte geben Sie einen Betreff ein.")
    if draft_text.is_blank(text.body):
        yield TextComplaint(draft_text.BODY, "no_text", "Bitte schreiben Sie einen Text oder wählen Sie eine Vorlage.")


def _exported(draft: Draft, text: Text, signature: str) -> frozenset[str]:
    """Names of the macros that would be filled."""
    found = (macro_named(name) for name in draft_text.used_macros(text.subject, text.body, signature))
    return frozenset(macro.name for macro in found if macro and macro.exported_to(draft.channel))


def _gaps(session: Session, draft_id: int, names: frozenset[str], total: int, now: datetime) -> list[Gap]:
    """Look at every recipient only for what differs from one to the next; the rest is told from one, or from a count."""
    if not total:
        return []
    mine = (Recipient.draft_id == draft_id, sendable_clause())
    one = session.scalar(select(Recipient.id).where(*mine).limit(1))
    empty: Counter[str] = Counter()
    for _, values in values_for_draft(session, draft_id, names & SAME_FOR_ALL, now, recipient_ids=[one]):
        empty.update({name: total for name, value in values.items() if not value.strip()})
    if names & ALWAYS_WITH_APPOINTMENT:
        without = session.scalar(select(func.count()).where(*mine, Recipient.appointment_id.is_(None))) or 0
        empty.update(dict.fromkeys(names & ALWAYS_WITH_APPOINTMENT, without))
    doubtful = names - NEVER_EMPTY - SAME_FOR_ALL - ALWAYS_WITH_APPOINTMENT
    for _, values in values_for_draft(session, draft_id, doubtful, now, only=sendable_clause()) if doubtful else ():
        empty.update(name for name, value in values.items() if not value.strip())
    return [Gap(name, number, total) for name, number in sorted(empty.items()) if number]
