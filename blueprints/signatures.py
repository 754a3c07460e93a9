"""Signaturen: the list, one form for new and changed ones, copying, putting away and fetching back. No rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for
from flask_login import current_user

from blueprints.access import current_user_id, needs
from blueprints.answers import go
from blueprints.edit_base import base_of_form
from blueprints.safe_html import mail_html
from jobs import clock
from messaging.domain.draft_text import complaints
from messaging.domain.edit_merge import EditRefused
from messaging.domain.html_text import to_plain_text
from messaging.domain.words import Channel, Role, role_reaches
from messaging.models import Signature, db
from messaging.services import signatures
from messaging.services.composing_choices import chips_for
from messaging.services.signatures import TypedSignature
from messaging.services.stored_texts import TextRefused

blueprint = Blueprint("signatures", __name__, url_prefix="/signatures")


@blueprint.get("")
def index() -> Response:
    rows = [(row, mail_html(row.body)) for row in signatures.listed()]
    return make_response(render_template("signatures/page.html", rows=rows, can_edit=may_edit()))


@blueprint.get("/new")
@needs(Role.STAFF)
def new() -> Response:
    return form_page(TypedSignature())


@blueprint.post("")
def create() -> Response:
    text = typed()
    try:
        signatures.create(text, current_user_id(), clock.now())
    except TextRefused as refused:
        return form_page(text, status=422, errors=refused.sentences)
    return done(f"Die Signatur „{text.name}“ ist gespeichert.")


@blueprint.get("/<int:signature_id>")
def edit(signature_id: int) -> Response:
    row = signature_or_404(signature_id)
    return form_page(signatures.stored(row), row)


@blueprint.post("/<int:signature_id>")
def update(signature_id: int) -> Response:
    row, text = signature_or_404(signature_id), typed()
    try:
        signatures.update(signature_id, text, base_of_form(signatures.FIELDS), current_user_id(), clock.now())
    except EditRefused as refused:
        return form_page(TypedSignature(**refused.merge.texts), row, 422, refused.sentences, refused.merge.stored)
    return done(f"Die Signatur „{text.name}“ ist gespeichert.")


@blueprint.post("/check")
def check() -> Response:
    """Complaints while typing; nothing is stored."""
    found = complaints("", "", typed().body, Channel.EMAIL)
    return make_response(render_template("message_templates/_complaints.html", complaints=found))


@blueprint.post("/<int:signature_id>/copy")
def copy(signature_id: int) -> Response:
    signature_or_404(signature_id)
    copied = signatures.copy(signature_id, current_user_id(), clock.now())
    flash("Das ist die Kopie. Geben Sie ihr einen eigenen Namen.", "info")
    return go("signatures.edit", signature_id=copied)


@blueprint.post("/<int:signature_id>/archive")
def archive(signature_id: int) -> Response:
    row = signature_or_404(signature_id)
    signatures.archive(signature_id, current_user_id(), clock.now())
    undo_url = url_for("signatures.restore", signature_id=signature_id)
    flash({"text": f"Die Signatur „{row.name}“ ist gelöscht.", "undo_url": undo_url, "undo_fields": {}}, "success")
    return go("signatures.index")


@blueprint.post("/<int:signature_id>/restore")
def restore(signature_id: int) -> Response:
    row = db.get_or_404(Signature, signature_id)
    signatures.restore(signature_id, current_user_id(), clock.now())
    return done(f"Die Signatur „{row.name}“ ist wieder da.")


def done(sentence: str) -> Response:
    flash(sentence, "success")
    return go("signatures.index")


def signature_or_404(signature_id: int) -> Signature:
    row = db.session.get(Signature, signature_id, populate_existing=True)
    return row if row is not None and row.archived_at is None else abort(404)


def typed() -> TypedSignature:
    return signatures.typed(request.form.get("name", ""), request.form.get("body", ""))


def form_page(
    text: TypedSignature,
    row: Signature | None = None,
    status: int = 200,
    errors: dict[str, str] | None = None,
    base: Mapping[str, str] | None = None,
) -> Response:
    values: dict[str, Any] = {
        "text": text,
        "plain_body": to_plain_text(text.body),
        "row": row,
        "errors": errors or {},
        "base": json.dumps(base or asdict(text)),
        "can_edit": may_edit(),
        "macros": [(group, chips) for group, chips in chips_for(Channel.EMAIL, with_appointments=True)],
        "open_drafts": signatures.open_drafts(row.id) if row else 0,
        "uses": signatures.uses(row.id) if row else None,
        "complaints": complaints("", "", text.body, Channel.EMAIL),
    }
    return make_response(render_template("signatures/form.html", **values), status)


def may_edit() -> bool:
    return role_reaches(current_user.role, Role.STAFF)
