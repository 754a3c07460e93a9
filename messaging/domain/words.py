"""The closed vocabularies of the field (README: the word table). Values are stored; the German labels are for the screen."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"


class Purpose(StrEnum):
    APPOINTMENT = "appointment"
    RECALL = "recall"
    BIRTHDAY = "birthday"
    INVITATION = "invitation"
    INFORMATION = "information"


class PersonKind(StrEnum):
    PATIENT = "patient"
    PROSPECT = "prospect"


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    STAFF = "staff"
    READER = "reader"


class ConsentStatus(StrEnum):
    YES = "yes"
    NO = "no"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class ConsentSource(StrEnum):
    FORM = "form"
    VERBAL = "verbal"
    IMPORT = "import"
    ONLINE = "online"
    SMS_FIELD = "sms_field"


class AppointmentStatus(StrEnum):
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REBOOK = "rebook"


class TlsMode(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


CHANNEL_LABELS = {Channel.EMAIL: "E-Mail", Channel.SMS: "SMS", Channel.LETTER: "Brief"}

PURPOSE_LABELS = {
    Purpose.APPOINTMENT: "Terminerinnerung",
    Purpose.RECALL: "Recall",
    Purpose.BIRTHDAY: "Geburtstag",
    Purpose.INVITATION: "Einladung",
    Purpose.INFORMATION: "Information",
}

KIND_LABELS = {PersonKind.PATIENT: "Patient", PersonKind.PROSPECT: "Interessent"}

ROLE_LABELS = {
    Role.ADMIN: "Administration",
    Role.MANAGER: "Leitung",
    Role.STAFF: "Mitarbeit",
    Role.READER: "nur lesen",
}

#: Roles from the most to the least powerful; a route that asks for one is open to those before it too.
ROLE_ORDER = (Role.ADMIN, Role.MANAGER, Role.STAFF, Role.READER)

CONSENT_STATUS_LABELS = {
    ConsentStatus.YES: "ja",
    ConsentStatus.NO: "nein",
    ConsentStatus.REVOKED: "widerrufen",
    ConsentStatus.UNKNOWN: "unbekannt",
}

CONSENT_SOURCE_LABELS = {
    ConsentSource.FORM: "Formular",
    ConsentSource.VERBAL: "mündlich",
    ConsentSource.IMPORT: "Import",
    ConsentSource.ONLINE: "Online",
    ConsentSource.SMS_FIELD: "SMS-Feld eingetragen",
}

APPOINTMENT_STATUS_LABELS = {
    AppointmentStatus.PLANNED: "geplant",
    AppointmentStatus.CONFIRMED: "bestätigt",
    AppointmentStatus.ARRIVED: "eingetroffen",
    AppointmentStatus.DONE: "erledigt",
    AppointmentStatus.CANCELLED: "abgesagt",
    AppointmentStatus.NO_SHOW: "nicht erschienen",
    AppointmentStatus.REBOOK: "bitte umbuchen",
}

TLS_LABELS = {TlsMode.TLS: "TLS (Port 465)", TlsMode.STARTTLS: "STARTTLS (Port 587)", TlsMode.NONE: "ohne Verschlüsselung"}


def role_reaches(role: str, needed: Role) -> bool:
    """Whether `role` may do what `needed` may do; an unknown role may do nothing."""
    return role in ROLE_ORDER and ROLE_ORDER.index(Role(role)) <= ROLE_ORDER.index(needed)
