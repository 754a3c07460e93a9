"""Who may open what: every route needs a log-in; all roles read, `staff` and above change, unless the view says otherwise.

Also here: forced change of a one-time password, the end of idle sessions, CSRF tokens. Signing in itself is in `auth`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from flask_htmx import HTMX
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect

from blueprints import same_origin, sessions
from blueprints.same_origin import SAFE_METHODS
from blueprints.way_back import page_of_request
from jobs import clock
from messaging.domain.words import Role, role_reaches
from messaging.models import User, db

View = TypeVar("View", bound=Callable)

#: What somebody with a one-time password may do before choosing one of their own.
OPEN_BEFORE_OWN_PASSWORD = frozenset({"auth.account", "auth.change_password", "auth.keep_alive"})
#: A selection of ten thousand ticks or a text with pasted pictures is larger than the half megabyte that werkzeug allows.
MAX_FORM_BYTES = 8 * 1024 * 1024

htmx = HTMX()
csrf = CSRFProtect()
login_manager = LoginManager()
login_manager.session_protection = None  # the address of a practice's machine may change during the day


def init_app(app: Flask) -> None:
    """The order counts: a foreign page is refused before anything is looked up, an ended session is named before its token."""
    app.config.update(MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    sessions.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    login_manager.user_loader(load_user)
    same_origin.init_app(app)
    app.before_request(require_access)
    csrf.init_app(app)


def needs(role: Role) -> Callable[[View], View]:
    """Mark a view as open to `role` and those above it only."""

    def mark(view: View) -> View:
        view.needed_role = role  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Mark a view as usable without a log-in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def passive(view: View) -> View:
    """Mark a view that a page asks by itself (progress): it needs a session but keeps none alive."""
    view.passive = True  # type: ignore[attr-defined]
    return view


def load_user(key: str) -> User | None:
    """The user of a session key "id.session_version"; None ends the session."""
    user_id, _, version = key.partition(".")
    user = db.session.get(User, int(user_id)) if user_id.isdigit() else None
    return user if user and user.active and str(user.session_version) == version else None


def require_access() -> Response | None:
    if request.endpoint == "static":
        return None
    now = clock.now()
    sessions.end_what_is_over(now)
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "open_to_all", False):
        return None
    if not current_user.is_authenticated:
        return to_login()
    if not getattr(view, "passive", False):
        sessions.note_work(now)
    if not role_reaches(current_user.role, needed_role(view, request.method)):
        abort(403)
    return to_own_password() if current_user.must_change_password else None


def needed_role(view: Callable, method: str) -> Role:
    """The role a view asks for under `method`."""
    return getattr(view, "needed_role", Role.READER if method in SAFE_METHODS else Role.STAFF)


def may_open(endpoint: str) -> bool:
    """Whether this house has the page `endpoint` and the user of this request may read it; for links."""
    view = current_app.view_functions.get(endpoint)
    return view is not None and role_reaches(getattr(current_user, "role", ""), needed_role(view, "GET"))


def to_login() -> Response:
    """After log-in the same page opens again."""
    if sessions.USER in session:
        sessions.end("changed")
    return leave_for(url_for("auth.login", next=page_of_request()), htmx_status=401, plain_status=302)


def to_own_password() -> Response | None:
    if request.endpoint in OPEN_BEFORE_OWN_PASSWORD:
        return None
    return leave_for(url_for("auth.account", next=page_of_request()), htmx_status=204, plain_status=303)


def leave_for(target: str, *, htmx_status: int, plain_status: int) -> Response:
    """To another page. An htmx request gets the address in a header of its own, for headers of a 3xx are lost."""
    if htmx:
        return Response(status=htmx_status, headers={"HX-Redirect": target})
    return redirect(target, code=plain_status)  # type: ignore[return-value]


def current_user_id() -> int:
    return current_user.id


__all__ = ["csrf", "current_user_id", "htmx", "may_open", "needs", "open_to_all", "passive"]
