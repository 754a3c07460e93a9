"""Benutzer: who may sign in, with which role. Rules (the last administrator, passwords) are in the service."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request

from blueprints.access import current_user_id, needs
from blueprints.answers import go
from blueprints.edit_base import base_of_form
from jobs import clock
from messaging.domain.edit_merge import EditRefused
from messaging.domain.errors import DomainError
from messaging.domain.sign_in_rules import USER_NAME_RULE
from messaging.domain.words import ROLE_LABELS, Role
from messaging.models import User, db
from messaging.services import users

blueprint = Blueprint("admin_users", __name__, url_prefix="/admin/users")

ROLE_CHOICES = [
    (Role.STAFF, ROLE_LABELS[Role.STAFF], "Personen suchen, Stammdaten ändern, Nachrichten schreiben und senden."),
    (Role.READER, ROLE_LABELS[Role.READER], "Alles ansehen, nichts ändern, nichts senden."),
    (Role.MANAGER, ROLE_LABELS[Role.MANAGER], "Wie Mitarbeit; dazu Einrichtung, Konten und Protokoll."),
    (Role.ADMIN, ROLE_LABELS[Role.ADMIN], "Alles, auch die Benutzer."),
]


@blueprint.get("")
@needs(Role.ADMIN)
def index() -> str:
    return render_template("admin_users/index.html", users=users.everybody(), role_labels=ROLE_LABELS)


@blueprint.get("/new")
@needs(Role.ADMIN)
def new() -> Response:
    return user_form(None, {"name": "", "display_name": "", "role": Role.STAFF}, {})


@blueprint.post("")
@needs(Role.ADMIN)
def create() -> Response:
    typed = {name: request.form.get(name, "") for name in ("name", "display_name", "role")}
    try:
        access = users.create(users.NewUser(**typed), clock.now(), current_user_id())
    except DomainError as refused:
        field = "name" if refused.problem.code.startswith("user_name") else "role"
        return user_form(None, typed, {}, {field: refused.problem.text})
    return one_time_password(access)


@blueprint.get("/<int:user_id>")
@needs(Role.ADMIN)
def edit(user_id: int) -> Response:
    user = db.get_or_404(User, user_id)
    return user_form(user, users.texts_of(user), users.texts_of(user))


@blueprint.post("/<int:user_id>")
@needs(Role.ADMIN)
def update(user_id: int) -> Response:
    user, base = db.get_or_404(User, user_id), base_of_form(users.FIELDS)
    role = request.form.get("role", base.get("role", user.role))  # nobody can choose their own
    typed = {"display_name": request.form.get("display_name", ""), "role": role}
    try:
        users.change(user_id, typed, base, clock.now(), current_user_id())
    except EditRefused as refused:
        return user_form(user, refused.merge.texts, refused.merge.stored, refused.sentences)
    except DomainError as refused:
        return user_form(user, typed, base, {"role": refused.problem.text})
    flash(f"{user.display_name} ist gespeichert.", "success")
    return go("admin_users.index")


@blueprint.post("/<int:user_id>/switch")
@needs(Role.ADMIN)
def switch(user_id: int) -> Response:
    user = db.get_or_404(User, user_id)
    users.switch(user_id, "on" in request.form, clock.now(), current_user_id())
    words = (
        "kann sich wieder anmelden." if "on" in request.form else "kann sich nicht mehr anmelden. Offene Sitzungen sind beendet."
    )
    flash(f"{user.display_name} {words}", "success")
    return go("admin_users.index")


@blueprint.post("/<int:user_id>/password")
@needs(Role.ADMIN)
def reset_password(user_id: int) -> Response:
    db.get_or_404(User, user_id)
    return one_time_password(users.reset_password(user_id, clock.now(), current_user_id()))


def one_time_password(access: users.Access) -> Response:
    """Answered at once instead of after a redirect: the password must not be kept anywhere on the way, cookies included."""
    return make_response(render_template("admin_users/one_time_password.html", access=access))


def user_form(
    user: User | None, typed: Mapping[str, str], base: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> Response:
    """`user` None is a new one."""
    values = {
        "user": user,
        "typed": typed,
        "base": json.dumps(base),
        "role_choices": ROLE_CHOICES,
        "name_rule": USER_NAME_RULE,
        "errors": errors or {},
        "is_self": user is not None and user.id == current_user_id(),
    }
    return make_response(render_template("admin_users/form.html", **values), 422 if errors else 200)
