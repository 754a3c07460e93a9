"""What every page shows around its content: side bar, alarms, filters and the addresses of static files by content hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined

from messaging.domain import calendar_de

NAVIGATION = (
    ("Start", "home", "start.index"),
    ("Patientensuche", "search", "search.index"),
    ("Termine", "calendar", "appointments.index"),
    ("Patienten", "users", "people.patients"),
    ("Interessenten", "user-plus", "people.prospects"),
    ("Abfragen", "database-search", "queries.index"),
    ("Versand", "send", "dispatches.index"),
    ("Erinnerungen", "bell", "reminders.index"),
    ("Vorlagen", "template", "message_templates.index"),
    ("Import", "upload", "imports.index"),
    ("Verwaltung", "settings", "admin.index"),
)


@dataclass(frozen=True)
class NavEntry:
    label: str
    icon: str
    url: str
    active: bool
    badge: int | None = None


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, csrf_token=generate_csrf, csp_nonce=csp_nonce, plural=calendar_de.plural)
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    return {"nav_entries": nav_entries(), "alarms": [], "is_demo": False, "idle_minutes": 20}


def nav_entries() -> list[NavEntry]:
    """The side bar in the order of the day; rooms that this house does not have are left out."""
    room = (request.endpoint or "").split(".")[0]
    return [
        NavEntry(label, icon, url_for(endpoint), active=endpoint.split(".")[0] == room)
        for label, icon, endpoint in NAVIGATION
        if endpoint in current_app.view_functions
    ]


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def asset(path: str) -> str:
    """Address of a static file that changes with its content, so that browsers may keep it for ever."""
    return url_for("static", filename=path, v=content_hash(str(Path(current_app.static_folder or "") / path)))


@lru_cache(maxsize=256)
def content_hash(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
