"""The audit log (Protokoll): who did what and when, with ids and codes only. What an entry says in German stands here too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from messaging.domain.calendar_de import local_day_bounds
from messaging.models import AuditEntry, User, db

#: action -> (group, sentence after the user's name). An action that is recorded anywhere must stand here; a test says so.
ACTIONS: dict[str, tuple[str, str]] = {
    "signed_in": ("sign_in", "hat sich angemeldet"),
    "signed_out": ("sign_in", "hat sich abgemeldet"),
    "sign_in_failed": ("sign_in", "Anmeldung abgewiesen"),
    "password_changed": ("sign_in", "hat das eigene Kennwort geändert"),
    "user_created": ("users", "hat ein Benutzerkonto angelegt"),
    "user_changed": ("users", "hat ein Benutzerkonto geändert"),
    "user_switched_off": ("users", "hat ein Benutzerkonto ausgeschaltet"),
    "user_switched_on": ("users", "hat ein Benutzerkonto eingeschaltet"),
    "user_password_reset": ("users", "hat ein neues Einmalkennwort vergeben"),
    "draft_discarded": ("sending", "hat einen Entwurf verworfen"),
    "draft_restored": ("sending", "hat einen verworfenen Entwurf wiederhergestellt"),
    "dispatch_confirmed": ("sending", "hat einen Versand bestätigt"),
    "dispatch_paused": ("sending", "hat einen Versand angehalten"),
    "dispatch_resumed": ("sending", "hat einen Versand fortgesetzt"),
    "dispatch_cancelled": ("sending", "hat einen Versand abgebrochen"),
    "dispatch_rescheduled": ("sending", "hat den Zeitpunkt eines Versands geändert"),
    "bad_address_cleared": ("people", "hat eine als unzustellbar gemerkte Adresse wieder freigegeben"),
    "dispatch_resent": ("sending", "hat Fehlgeschlagene in einen neuen Entwurf übernommen"),
    "unknown_settled_sent": ("sending", "hat eine unklare Nachricht als gesendet vermerkt"),
    "unknown_settled_again": ("sending", "hat eine unklare Nachricht noch einmal senden lassen"),
    "import_applied": ("imports", "hat eine Datei importiert"),
    "override_given": ("sending", "hat eine Nachricht ohne Einwilligung mit Begründung erlaubt"),
    "override_withdrawn": ("sending", "hat eine Begründung zurückgenommen"),
    "override_lapsed": ("sending", "Eine Begründung gilt nicht mehr: Einwilligung, Adresse oder Zweck haben sich geändert"),
    "person_created": ("people", "hat eine Karteikarte angelegt"),
    "person_changed": ("people", "hat Stammdaten geändert"),
    "person_marked": ("people", "hat Kontaktsperre, Archiv oder „verstorben“ geändert"),
    "consent_recorded": ("people", "hat einen Eintrag unter „Kontakt erlaubt“ gemacht"),
    "mail_account_created": ("settings", "hat ein E-Mail-Konto angelegt"),
    "mail_account_changed": ("settings", "hat ein E-Mail-Konto geändert"),
    "mail_account_switched_on": ("settings", "hat ein E-Mail-Konto eingeschaltet"),
    "mail_account_switched_off": ("settings", "hat ein E-Mail-Konto ausgeschaltet"),
    "mail_account_checked": ("settings", "hat die Verbindung eines E-Mail-Kontos geprüft"),
    "template_created": ("texts", "hat eine Vorlage angelegt"),
    "template_changed": ("texts", "hat eine Vorlage geändert"),
    "template_archived": ("texts", "hat eine Vorlage gelöscht"),
    "template_restored": ("texts", "hat eine gelöschte Vorlage zurückgeholt"),
    "template_examples_taken": ("texts", "hat Beispielvorlagen übernommen"),
    "signature_created": ("texts", "hat eine Signatur angelegt"),
    "signature_changed": ("texts", "hat eine Signatur geändert"),
    "signature_archived": ("texts", "hat eine Signatur gelöscht"),
    "signature_restored": ("texts", "hat eine gelöschte Signatur zurückgeholt"),
    "practice_changed": ("settings", "hat die Einrichtung geändert"),
    "backup_restored": ("settings", "Eine Sicherung wurde wiederhergestellt; offene Versände sind angehalten"),
}

GROUPS = {
    "sign_in": "Anmelden",
    "users": "Benutzer",
    "people": "Stammdaten und Einwilligungen",
    "sending": "Versand",
    "imports": "Import",
    "settings": "Einstellungen",
    "texts": "Vorlagen und Signaturen",
}

#: Numbers, codes and moments; nothing that could be a name, an address or a text.
CODE = re.compile(r"[A-Za-z0-9_.:+-]{0,64}")


def record(
    session: Session,
    now: datetime,
    user_id: int | None,
    action: str,
    object_type: str = "",
    object_id: int | None = None,
    **ids: Any,
) -> None:
    """Add an entry to the transaction of `session`. `ids`: further ids, counts and codes; anything else raises ValueError."""
    for name, value in ids.items():
        if not (value is None or isinstance(value, int) or (isinstance(value, str) and CODE.fullmatch(value))):
            raise ValueError(f"the audit log keeps ids and codes only, not the {type(value).__name__} {name}")
    session.add(AuditEntry(at=now, user_id=user_id, action=action, object_type=object_type, object_id=object_id, detail=ids))


@dataclass(frozen=True)
class AuditFilter:
    """What the page shows: a group of actions, one user, one day (Europe/Berlin); None is all."""

    group: str | None = None
    user_id: int | None = None
    day: date | None = None


@dataclass(frozen=True)
class AuditLine:
    """One entry as the page shows it. `subject`: name of the user it is about, if it is about one."""

    at: datetime
    user_name: str | None
    action: str
    sentence: str
    object_type: str
    object_id: int | None
    subject: str | None
    detail: dict[str, Any]


def page(wanted: AuditFilter, number: int, size: int) -> tuple[int, list[AuditLine]]:
    """How many entries the filter finds, and the lines of one page (1 is the first), the newest first."""
    total = db.session.scalar(narrowed(select(func.count()).select_from(AuditEntry), wanted)) or 0
    newest = narrowed(select(AuditEntry), wanted).order_by(AuditEntry.id.desc()).limit(size).offset((number - 1) * size)
    names = {row.id: row.display_name for row in db.session.execute(select(User.id, User.display_name))}
    return total, [line(entry, names) for entry in db.session.scalars(newest)]


def narrowed(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    if wanted.group:
        query = query.where(AuditEntry.action.in_([action for action, (group, _) in ACTIONS.items() if group == wanted.group]))
    if wanted.user_id:
        query = query.where(AuditEntry.user_id == wanted.user_id)
    if wanted.day:
        begin, end = local_day_bounds(wanted.day)
        query = query.where(AuditEntry.at >= begin, AuditEntry.at < end)
    return query


def line(entry: AuditEntry, names: dict[int, str]) -> AuditLine:
    return AuditLine(
        at=entry.at,
        user_name=names.get(entry.user_id or 0),
        action=entry.action,
        sentence=ACTIONS.get(entry.action, ("", entry.action))[1],
        object_type=entry.object_type,
        object_id=entry.object_id,
        subject=names.get(entry.object_id or 0) if entry.object_type == "user" else None,
        detail=entry.detail,
    )
