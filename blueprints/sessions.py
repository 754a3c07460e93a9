"""The signed cookie of somebody signed in: how it begins, how long it lasts without work, how it ends.

It holds the user's id and session version, a key of its own, the moment of the last work and the secret of the forms; nothing of
patients.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import login_user

from blueprints.house import house
from messaging.domain.calendar_de import plural
from messaging.models import User
from messaging.services import sign_in

USER, SEEN, FAREWELL, FORM_SECRET, KEY = "_user_id", "seen", "farewell", "csrf_token", "key"
#: Work is noted at most this often, so that not every answer carries a cookie.
NOTE_EVERY_SECONDS = 30
FAREWELLS = {
    "idle": "Sie wurden nach {minutes} abgemeldet. Nach dem Anmelden geht es auf derselben Seite weiter.",
    "changed": "Bitte melden Sie sich neu an. Ihr Kennwort oder Ihr Benutzerkonto wurde geändert.",
}


class HouseCookie(SecureCookieSessionInterface):
    """The cookie is `Secure` whenever the request came by https; a practice without a certificate must be able to sign in too."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    """Name the cookie after the key: browsers do not tell ports apart, and a demo beside the practice's house has another key."""
    app.config.update(
        SESSION_COOKIE_NAME=f"praxispost_{keyed_digest(app, 'cookie name')[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.session_interface = HouseCookie()


def begin(user: User, now: datetime) -> None:
    session.clear()
    login_user(user)
    session[KEY] = secrets.token_urlsafe(16)
    session[SEEN] = int(now.timestamp())
    session[FORM_SECRET] = form_secret(user)


def form_secret(user: User) -> str:
    """The same for every session of this user and password.

    A form that stood open over night is still good after signing in again in another tab: nothing typed is lost.
    """
    return keyed_digest(current_app, f"forms:{user.get_id()}")


def keyed_digest(app: Flask, text: str) -> str:
    key = app.config["SECRET_KEY"]
    return hmac.new(key if isinstance(key, bytes) else key.encode(), text.encode(), "sha256").hexdigest()


def end(farewell: str = "") -> None:
    """Sign out. `farewell` ("idle" or "changed") is why, for the log-in page."""
    session.clear()
    if farewell:
        session[FAREWELL] = farewell


def end_what_is_over(now: datetime) -> None:
    """End a session that ran idle, or one whose cookie was signed out elsewhere."""
    if is_idle(now):
        end("idle")
    elif was_signed_out():
        end()


def was_signed_out() -> bool:
    """Whether this cookie is a copy of one that was signed out."""
    return USER in session and sign_in.has_ended(session.get(KEY, ""))


def is_idle(now: datetime) -> bool:
    """Whether somebody is signed in but has not worked for too long. A moment far in the future is none: the clock was wrong."""
    if USER not in session:
        return False
    limit = house().idle_minutes * 60
    return not -limit <= now.timestamp() - session.get(SEEN, 0) <= limit


def note_work(now: datetime) -> None:
    if abs(now.timestamp() - session.get(SEEN, 0)) >= NOTE_EVERY_SECONDS:
        session[SEEN] = int(now.timestamp())


def take_farewell() -> str | None:
    """Why the last session ended, in a German sentence, once."""
    minutes = plural(house().idle_minutes, "Minute", "Minuten")
    return FAREWELLS.get(session.pop(FAREWELL, ""), "").format(minutes=minutes) or None
