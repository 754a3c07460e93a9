"""Who may open what: every route needs a log-in, reading is open to all roles, changing needs `staff`, unless the view says otherwise.

Also here: the same-origin check and the security headers. Signing in itself is in `auth`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_htmx import HTMX
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect

from messaging.domain.words import Role, role_reaches
from messaging.models import User, db

View = TypeVar("View", bound=Callable)

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

htmx = HTMX()
csrf = CSRFProtect()
login_manager = LoginManager()


def init_app(app: Flask) -> None:
    htmx.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.user_loader(load_user)
    app.before_request(require_access)


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


def load_user(key: str) -> User | None:
    """The user of a session key "id.session_version"; None ends the session."""
    user_id, _, version = key.partition(".")
    user = db.session.get(User, int(user_id)) if user_id.isdigit() else None
    return user if user and user.active and str(user.session_version) == version else None


def require_access() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "open_to_all", False):
        return None
    if not current_user.is_authenticated:
        return to_login()
    if not role_reaches(current_user.role, needed_role(view)):
        abort(403)
    return None


def needed_role(view: Callable) -> Role:
    """The role a view asks for under the method of this request."""
    default = Role.READER if request.method in SAFE_METHODS else Role.STAFF
    return getattr(view, "needed_role", default)


def to_login() -> Response:
    """After log-in the same page opens again. An htmx request gets its redirect in a header, for headers of a 3xx are lost."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not htmx else request.headers.get("HX-Current-URL", "/")
    target = url_for("auth.login", next=back)
    if htmx:
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def current_user_id() -> int:
    return current_user.id


__all__ = ["csrf", "current_user_id", "g", "htmx", "needs", "open_to_all"]
