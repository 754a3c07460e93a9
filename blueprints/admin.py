"""The start page of the administration: what can be set up in this house, as far as the user may open it."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from blueprints.access import may_open, needs
from messaging.domain.words import Role

blueprint = Blueprint("admin", __name__)

#: title, what it is for, icon, endpoint; the most used first.
PAGES = (
    (
        "Einrichtung",
        "Name, Anschrift und Telefon der Praxis, Abmelden nach einiger Zeit.",
        "building-hospital",
        "admin_practice.edit",
    ),
    ("E-Mail-Konten", "Absender, Mailserver, Höchstzahlen je Stunde.", "mail", "admin_mail_accounts.index"),
    ("Benutzer", "Wer sich anmelden darf, mit welchen Rechten.", "users", "admin_users.index"),
    ("Protokoll", "Wer wann was getan hat.", "history", "admin_audit.index"),
)


@blueprint.get("/admin")
@needs(Role.MANAGER)
def index() -> str:
    pages = [(title, text, icon, url_for(endpoint)) for title, text, icon, endpoint in PAGES if may_open(endpoint)]
    return render_template("admin/index.html", pages=pages)
