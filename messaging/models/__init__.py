"""The tables, one file per aggregate. What may be asked of the rows is written in services and outbox, not here."""

from messaging.models.accounts import Errand, MailAccount
from messaging.models.appointments import Appointment
from messaging.models.drafts import Attachment, Draft, MessageTemplate, Recipient, Signature
from messaging.models.house import AuditEntry, EndedSession, Heartbeat, LoginFailure, Practice, SelectionItem, SystemKey, User
from messaging.models.imports import ImportProblem, ImportRun
from messaging.models.people import BadAddress, Consent, Person, PersonWord
from messaging.models.sending import Attempt, DiskEpoch, Dispatch, Message
from messaging.models.store import db, write_transaction

__all__ = [
    "Appointment",
    "Attachment",
    "Attempt",
    "AuditEntry",
    "BadAddress",
    "Consent",
    "DiskEpoch",
    "Dispatch",
    "Draft",
    "EndedSession",
    "Errand",
    "Heartbeat",
    "ImportProblem",
    "ImportRun",
    "LoginFailure",
    "MailAccount",
    "Message",
    "MessageTemplate",
    "Person",
    "PersonWord",
    "Practice",
    "Recipient",
    "SelectionItem",
    "Signature",
    "SystemKey",
    "User",
    "db",
    "write_transaction",
]
