"""The record (Karteikarte) of one person, read: master data as the rules see them, appointments, messages and texts as sent.

Changing master data lives in `person_editing`, what may be sent in `consents`. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from messaging.domain import macros, salutation
from messaging.domain.calendar_de import local
from messaging.domain.facts import PersonFacts
from messaging.domain.recipient_check import CALLED_OFF
from messaging.domain.states import ACCEPTED, MessageState
from messaging.models import Appointment, Attachment, AuditEntry, Dispatch, MailAccount, Message, Person, User, db
from messaging.outbox.macro_facts import PERSON_COLUMNS, practice_facts
from messaging.rendering.email import CompiledMail

#: What stands in the record: messages that were handed over, also those that came back.
ENTRIES = (*ACCEPTED, MessageState.BOUNCED)

#: The master data as people type them, in the order of the form.
TYPED_FIELDS = ("number", "form_of_address", "title", "first_name", "name_prefix", "last_name", "birth_date", "letter_salutation",
                "guardian", "street", "address_extra", "postcode", "city", "country", "phone", "mobile", "sms", "email", "source",
                "note")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One person as the record shows them. `fields` are the typed master data by name; `age` None without a birth date.

    `changed_by` is the shown name of whoever changed the master data last, "" for an import.
    """

    id: int
    kind: str
    name: str
    salutation: str
    address_lines: tuple[str, ...]
    age: int | None
    fields: Mapping[str, Any]
    checked: Mapping[str, str]
    deceased: bool
    archived_at: datetime | None
    blocked_at: datetime | None
    blocked_reason: str
    converted_to_id: int | None
    version: int
    updated_at: datetime
    changed_by: str

    @property
    def may_be_written_to(self) -> bool:
        return not (self.deceased or self.archived_at or self.blocked_at or self.converted_to_id)


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    id: int
    starts_at: datetime
    ends_at: datetime
    type: str
    practitioner: str
    location: str
    status: str

    @property
    def takes_place(self) -> bool:
        return self.status not in CALLED_OFF


@dataclass(frozen=True, slots=True)
class Appointments:
    """`upcoming` the next first, `past` the latest first."""

    upcoming: tuple[AppointmentLine, ...]
    past: tuple[AppointmentLine, ...]

    @property
    def next(self) -> AppointmentLine | None:
        return next((line for line in self.upcoming if line.takes_place), None)


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message of the person. `at`: when it reached its state, else when its dispatch was confirmed."""

    id: int
    dispatch_id: int
    channel: str
    purpose: str
    state: str
    reason: str
    address: str
    subject: str
    at: datetime
    next_attempt_at: datetime

    @property
    def is_entry(self) -> bool:
        return self.state in ENTRIES


@dataclass(frozen=True, slots=True)
class SentText:
    """A message as it was handed over. `html` is not yet safe to show; `files` are the names of what went with it."""

    line: MessageLine
    html: str
    text: str
    sender: str
    files: tuple[str, ...]


def card(person_id: int, now: datetime) -> Card | None:
    """The person's card; None if there is no such person."""
    person = db.session.get(Person, person_id, populate_existing=True)
    if person is None:
        return None
    facts = PersonFacts(*db.session.execute(select(*PERSON_COLUMNS).where(Person.id == person_id)).one())
    name, today = salutation.PersonName.of(facts), local(now).date()
    return Card(
        id=person.id,
        kind=person.kind,
        name=name.list_name or "ohne Namen",
        salutation=salutation.briefanrede(name, today, practice_facts(db.session()).professor_form),
        address_lines=salutation.address_lines(facts, today),
        age=_age(person.birth_date, today),
        fields=typed_fields(person),
        checked={key: getattr(person, key) for key in _CHECKED},
        changed_by=_changed_by(person.id),
        **{key: getattr(person, key) for key in _AS_THEY_ARE},
    )


_CHECKED = ("phone_e164", "mobile_e164", "sms_e164", "sms_problem", "email_normalized", "email_problem")
_AS_THEY_ARE = ("deceased", "archived_at", "blocked_at", "blocked_reason", "converted_to_id", "version", "updated_at")


def typed_fields(person: Person) -> dict[str, Any]:
    """The master data of a row as they were typed."""
    return {name: getattr(person, name) for name in TYPED_FIELDS}


def appointments(person_id: int, now: datetime) -> Appointments:
    """All appointments of a person; one that has begun is past."""
    names = ("id", "starts_at", "ends_at", "type", "practitioner", "location", "status")
    query = select(*(getattr(Appointment, name) for name in names)).where(Appointment.person_id == person_id)
    lines = [AppointmentLine(*row) for row in db.session.execute(query.order_by(Appointment.starts_at, Appointment.id))]
    upcoming = tuple(line for line in lines if line.starts_at > now)
    return Appointments(upcoming, tuple(line for line in reversed(lines) if line.starts_at <= now))


def messages(person_id: int, page: int, size: int) -> tuple[int, list[MessageLine]]:
    """How many messages the person has, and the lines of one page (1 is the first), the newest first."""
    total = db.session.scalar(select(func.count()).select_from(Message).where(Message.person_id == person_id)) or 0
    query = _message_query().where(Message.person_id == person_id).order_by(Message.id.desc())
    rows = db.session.execute(query.limit(size).offset((page - 1) * size))
    return total, [_message_line(message, dispatch) for message, dispatch in rows]


def sent_text(person_id: int, message_id: int) -> SentText | None:
    """The record entry of one message: its text with the values of then. None if nothing was handed over to this person."""
    query = _message_query().where(Message.id == message_id, Message.person_id == person_id, Message.state.in_(ENTRIES))
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    message, dispatch = row
    mail = CompiledMail(dispatch.subject, dispatch.body, dispatch.signature).fill(message.values)
    account = db.session.get_one(MailAccount, dispatch.account_id)
    files = db.session.scalars(
        select(Attachment.filename).where(Attachment.draft_id == dispatch.draft_id).order_by(Attachment.id)
    )
    return SentText(_message_line(message, dispatch), mail.html, mail.text, account.sender_address, tuple(files))


def _message_query() -> Select[tuple[Message, Dispatch]]:
    return select(Message, Dispatch).join(Dispatch, Dispatch.id == Message.dispatch_id)


def _message_line(message: Message, dispatch: Dispatch) -> MessageLine:
    return MessageLine(
        id=message.id,
        dispatch_id=dispatch.id,
        channel=dispatch.channel,
        purpose=dispatch.purpose,
        state=message.state,
        reason=message.reason,
        address=message.address,
        subject=_filled(dispatch.subject, message.values),
        at=message.ended_at or dispatch.created_at,
        next_attempt_at=message.next_attempt_at,
    )


def _filled(subject: str, values: Mapping[str, str]) -> str:
    return " ".join(macros.parse(subject).fill(values).split())


def _changed_by(person_id: int) -> str:
    """Who changed the master data last, as far as a person did."""
    name = func.coalesce(func.nullif(User.display_name, ""), User.name)
    about = (AuditEntry.object_type == "person", AuditEntry.object_id == person_id)
    edits = AuditEntry.action.in_(("person_created", "person_changed", "person_marked"))
    query = select(name).join(AuditEntry, AuditEntry.user_id == User.id).where(*about, edits).order_by(AuditEntry.id.desc())
    return db.session.scalar(query.limit(1)) or ""


def _age(born: date | None, today: date) -> int | None:
    """Completed years; None for a birth date that is missing or in the future."""
    if born is None or born > today:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
