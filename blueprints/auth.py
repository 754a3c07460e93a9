"""Signing in and out, and one's own password. Who may open what is said in `access`; users are managed in `admin_users`."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from blueprints import error_pages, sessions
from blueprints.access import csrf, needs, open_to_all
from blueprints.answers import go
from blueprints.way_back import local_path
from jobs import clock
from messaging.domain.errors import DomainError, Problem
from messaging.domain.sign_in_rules import PASSWORD_RULE
from messaging.domain.words import ROLE_LABELS, Role
from messaging.services import sign_in, users

blueprint = Blueprint("auth", __name__)

#: A form of an old session, or a browser that keeps no cookie; it cannot be told which.
SIGN_IN_AGAIN = Problem(
    "sign_in_again",
    "Kommt dieser Satz wieder, dann nimmt der Browser keine Cookies an; bitte erlauben Sie sie für diese Adresse.",
    "Bitte melden Sie sich noch einmal an.",
)
TOO_EARLY = "sign_in_wait"

#: code of a refusal -> the field it stands at
PASSWORD_FIELDS = {"current_password_wrong": "current", TOO_EARLY: "current", "password_repeat": "repeat"}


@blueprint.get("/login")
@open_to_all
def login() -> Response:
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next")), code=303)  # type: ignore[return-value]
    return login_page(next_page=request.args.get("next"), notice_text=sessions.take_farewell())


@blueprint.post("/login")
@open_to_all
def sign_in_now() -> Response:
    name, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        user = sign_in.sign_in(name, password, request.remote_addr or "", clock.now())
    except DomainError as refused:
        return login_page(name, refused.problem, request.form.get("next"))
    sessions.begin(user, clock.now())
    return redirect(local_path(request.form.get("next")), code=303)  # type: ignore[return-value]


@blueprint.errorhandler(CSRFError)
def login_form_again(error: CSRFError) -> Response:
    """A log-in page that stood open too long is shown again with a good token; other forms have the general answer."""
    if request.endpoint != "auth.sign_in_now":
        return error_pages.show_stale_form(error)
    if current_user.is_authenticated:
        return go(local_path(request.form.get("next")))
    return login_page(request.form.get("username", ""), SIGN_IN_AGAIN, request.form.get("next"))


def login_page(
    name: str = "", refusal: Problem | None = None, next_page: str | None = None, notice_text: str | None = None
) -> Response:
    status = 200 if refusal is None else 429 if refusal.code == TOO_EARLY else 422
    values = {"form_values": {"username": name}, "error": refusal.text if refusal else None, "next": local_path(next_page)}
    return make_response(render_template("auth/login.html", notice_text=notice_text, **values), status)


@blueprint.post("/logout")
@csrf.exempt  # the button of a page from an earlier session must sign out too; the same-origin check keeps others away
@open_to_all
def logout() -> Response:
    """Sign out. The script that notices an empty chair says so and where the person was."""
    if current_user.is_authenticated:
        sign_in.sign_out(current_user.id, session.get(sessions.KEY, ""), clock.now())
    idle = "idle" in request.form and sessions.USER in session
    sessions.end("idle" if idle else session.get(sessions.FAREWELL, ""))
    back = local_path(request.form.get("next"))
    return go("auth.login", next=back) if back != "/" else go("auth.login")


@blueprint.post("/session/keep-alive")
@needs(Role.READER)
def keep_alive() -> Response:
    """Somebody works on a page without sending anything; `access` has noted it already."""
    return Response(status=204)


@blueprint.get("/account")
@needs(Role.READER)
def account() -> Response:
    return account_page({}, request.args.get("next"))


@blueprint.post("/account")
@needs(Role.READER)
def change_password() -> Response:
    typed = users.OwnPassword(request.form.get("current", ""), request.form.get("new", ""), request.form.get("repeat", ""))
    try:
        user = users.change_own_password(current_user.id, typed, request.remote_addr or "", clock.now())
    except DomainError as refused:
        field = PASSWORD_FIELDS.get(refused.problem.code, "new")
        return account_page({field: refused.problem.text}, request.form.get("next"))
    sessions.begin(user, clock.now())
    flash("Ihr neues Kennwort gilt ab jetzt. Auf anderen Geräten sind Sie abgemeldet.", "success")
    return go(local_path(request.form.get("next")))


def account_page(errors: dict[str, str], next_page: str | None) -> Response:
    values = {
        "role": ROLE_LABELS[Role(current_user.role)],
        "password_rule": PASSWORD_RULE,
        "errors": errors,
        "next": local_path(next_page) if next_page else None,
    }
    return make_response(render_template("auth/account.html", **values), 422 if errors else 200)
