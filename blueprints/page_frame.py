"""What every page shows around its content: side bar, alarms, German numbers and dates, static files by content hash."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined

from blueprints.access import may_open
from blueprints.answers import wants_fragment
from blueprints.house import house
from jobs import clock
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
#: Only where the people are invented.
DEMO_NAVIGATION = (("Testausgang", "inbox", "outgoing_test.index"),)

#: Rooms that belong under an entry of the side bar; "admin" stands for "admin_users" and its other neighbours too.
UNDER = {
    "drafts": "dispatches",
    "recipients": "dispatches",
    "composer": "dispatches",
    "confirm": "dispatches",
    "signatures": "message_templates",
    "admin": "admin",
}


@dataclass(frozen=True)
class NavEntry:
    label: str
    icon: str
    url: str
    active: bool
    badge: int | None = None


@dataclass(frozen=True)
class Alarm:
    """Something a person must know on every page (a dead worker, Redis not there). `level`: info, success, warning, danger."""

    level: str
    text: str
    link_url: str | None = None
    link_text: str | None = None


#: Whoever can notice trouble adds a function here; it is asked once for every whole page and must be quick.
ALARM_SOURCES: list[Callable[[], list[Alarm]]] = []
#: endpoint of an entry of the side bar -> how many things wait there for a person; asked like the alarms.
BADGE_SOURCES: dict[str, Callable[[], int]] = {}


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, csrf_token=generate_csrf, csp_nonce=csp_nonce, plural=calendar_de.plural)
    app.jinja_env.filters.update(de_number=de_number, de_date=de_date, de_time=de_time, de_datetime=de_datetime, de_near=de_near)
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    """The values of the frame. A fragment is put into a page that has its frame already, and a stranger sees none."""
    framed = current_user.is_authenticated and not wants_fragment()
    return {
        # with a one-time password there is only one page to be on
        "nav_entries": nav_entries() if framed and not current_user.must_change_password else [],
        "alarms": alarms() if framed else [],
        "is_demo": house().is_demo,
        "idle_minutes": house().idle_minutes,
    }


def alarms() -> list[Alarm]:
    return [alarm for source in ALARM_SOURCES for alarm in source()]


def nav_entries() -> list[NavEntry]:
    """The side bar in the order of the day, without what this house does not have or the user may not open."""
    here = request.endpoint or ""
    offered = NAVIGATION + DEMO_NAVIGATION if house().is_demo else NAVIGATION
    entries = [(label, icon, endpoint) for label, icon, endpoint in offered if may_open(endpoint)]
    return [
        NavEntry(label, icon, url_for(endpoint), active=is_under(here, endpoint), badge=badge_of(endpoint))
        for label, icon, endpoint in entries
    ]


def badge_of(endpoint: str) -> int | None:
    source = BADGE_SOURCES.get(endpoint)
    return source() if source else None


def is_under(here: str, endpoint: str) -> bool:
    """Whether the page `here` is the entry or in its room. Two entries of one room stand for themselves."""
    room = here.split(".")[0]
    entries_of_room = Counter(entry.split(".")[0] for _, _, entry in NAVIGATION)
    if entries_of_room[room] > 1:
        return here == endpoint
    place = next((entry for known, entry in UNDER.items() if room == known or room.startswith(f"{known}_")), room)
    return place == endpoint.split(".")[0]


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def asset(path: str) -> str:
    """Address of a static file that changes with its content, so that browsers may keep it for ever."""
    addresses: dict[str, str] = g.setdefault("asset_addresses", {})
    if path not in addresses:
        addresses[path] = url_for("static", filename=path, v=static_hash(path))
    return addresses[path]


def static_hash(path: str) -> str:
    """Hash of what the static file holds now; a file changed under a running house is read again."""
    file = Path(current_app.static_folder or "") / path
    return content_hash(str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def content_hash(path: str, changed_at: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def de_number(number: int | None) -> str:
    return "–" if number is None else calendar_de.number_words(number)


def de_date(value: date | datetime | None) -> str:
    """ "23.11.2026"; of a moment the day it is in Berlin."""
    if value is None:
        return "–"
    return calendar_de.date_words(calendar_de.local(value).date() if isinstance(value, datetime) else value)


def de_time(value: datetime | time | None) -> str:
    """ "8:00"; of a moment the time it is in Berlin."""
    if value is None:
        return "–"
    return calendar_de.clock_words(value) if isinstance(value, datetime) else f"{value.hour}:{value.minute:02d}"


def de_datetime(moment: datetime | None) -> str:
    """ "Mo 23.11.2026, 8:00 Uhr"."""
    return "–" if moment is None else calendar_de.date_time_words(moment)


def de_near(moment: datetime | None) -> str:
    """ "heute 12:00", "morgen 8:00", else like `de_datetime`."""
    return "–" if moment is None else calendar_de.near_time_words(moment, clock.now())
