"""Protokoll: who did what, to be looked through. Shows ids and the names of users, never those of patients."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for

from blueprints.access import may_open, needs
from blueprints.answers import page_or_fragment
from blueprints.list_requests import list_page
from messaging.domain.typed_day import YEARS
from messaging.domain.words import Role
from messaging.services import audit, users

blueprint = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")

#: Unless another length is asked for: lines of a log are short.
USUAL = {"per_page": "50"}

#: object_type -> (noun, page of one such object, name of its id there; "" if people know no number of it)
OBJECTS = {
    "person": ("Karteikarte", "person_record.show", "person_id"),
    "draft": ("Entwurf", "recipients.index", "draft_id"),
    "dispatch": ("Versand", "dispatches.show", "dispatch_id"),
    "import_run": ("Import", "imports.show", "run_id"),
    "mail_account": ("E-Mail-Konto", "admin_mail_accounts.edit", "account_id"),
    "message_template": ("Vorlage", "message_templates.edit", "template_id"),
    "signature": ("Signatur", "signatures.edit", "signature_id"),
    "message": ("Nachricht", "", ""),
    "recipient": ("Empfänger", "", ""),
    "practice": ("Einrichtung", "admin_practice.edit", ""),
    "user": ("Benutzer", "admin_users.edit", "user_id"),
}


@blueprint.get("")
@needs(Role.MANAGER)
def index() -> Response:
    args = {name: request.args.get(name, "") for name in ("group", "user", "day")}
    part = list_page(USUAL | request.args.to_dict())
    total, lines = audit.page(wanted_of(args), part.number, part.size)
    values = {
        "rows": [(line, subject_of(line)) for line in lines],
        "user_choices": [(user.id, user.display_name) for user in users.everybody()],
        "args": {**args, "per_page": part.per_page},
    }
    pages = ("admin_audit/index.html", "admin_audit/_results.html")
    return page_or_fragment(*pages, total=total, part=part, groups=audit.GROUPS, **values)


def wanted_of(args: dict[str, str]) -> audit.AuditFilter:
    """What cannot be understood (a day that is none) filters nothing."""
    return audit.AuditFilter(
        group=args["group"] if args["group"] in audit.GROUPS else None,
        user_id=int(args["user"]) if args["user"].isdecimal() else None,
        day=day_of(args["day"]),
    )


def day_of(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def subject_of(line: audit.AuditLine) -> dict[str, Any]:
    """What an entry is about: words, and the address of its page if the user may open that."""
    if line.object_type not in OBJECTS:
        return {"text": "", "url": None}
    noun, endpoint, id_name = OBJECTS[line.object_type]
    values = {id_name: line.object_id} if id_name else {}
    url = url_for(endpoint, **values) if may_open(endpoint) and None not in values.values() else None
    number = line.object_id if id_name else None
    return {"text": f"{noun} {line.subject or number or ''}".strip(), "url": url}
