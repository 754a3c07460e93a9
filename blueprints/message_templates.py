"""Vorlagen: the list, one form for new and changed ones, copying, putting away and fetching back. No rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for
from flask_login import current_user

from blueprints.access import current_user_id, needs
from blueprints.answers import go
from blueprints.edit_base import base_of_form
from jobs import clock
from messaging.domain.calendar_de import plural
from messaging.domain.draft_text import complaints
from messaging.domain.edit_merge import EditRefused
from messaging.domain.html_text import to_plain_text
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Role, role_reaches
from messaging.models import MessageTemplate, db
from messaging.services import message_templates
from messaging.services.composing_choices import chips_for
from messaging.services.message_templates import TypedTemplate
from messaging.services.stored_texts import TextRefused

blueprint = Blueprint("message_templates", __name__, url_prefix="/message-templates")


@blueprint.get("")
def index() -> Response:
    values = {"rows": message_templates.listed(), "purposes": PURPOSE_LABELS, "channels": CHANNEL_LABELS, "can_edit": may_edit()}
    return make_response(render_template("message_templates/page.html", **values))


@blueprint.get("/new")
@needs(Role.STAFF)
def new() -> Response:
    return form_page(TypedTemplate())


@blueprint.post("")
def create() -> Response:
    text = typed(Channel.EMAIL)
    try:
        message_templates.create(text, current_user_id(), clock.now())
    except TextRefused as refused:
        return form_page(text, status=422, errors=refused.sentences)
    return done(f"Die Vorlage „{text.name}“ ist gespeichert.")


@blueprint.get("/<int:template_id>")
def edit(template_id: int) -> Response:
    row = template_or_404(template_id)
    return form_page(message_templates.stored(row), row)


@blueprint.post("/<int:template_id>")
def update(template_id: int) -> Response:
    row = template_or_404(template_id)
    text = typed(row.channel)
    try:
        message_templates.update(template_id, text, base_of_form(message_templates.FIELDS), current_user_id(), clock.now())
    except EditRefused as refused:
        return form_page(replace(text, **refused.merge.texts), row, 422, refused.sentences, refused.merge.stored)
    return done(f"Die Vorlage „{text.name}“ ist gespeichert.")


@blueprint.post("/check")
def check() -> Response:
    """Complaints while typing; nothing is stored."""
    text = typed(Channel.EMAIL)
    found = complaints(text.subject, text.body, "", text.channel)
    return make_response(render_template("message_templates/_complaints.html", complaints=found))


@blueprint.post("/<int:template_id>/copy")
def copy(template_id: int) -> Response:
    template_or_404(template_id)
    copied = message_templates.copy(template_id, current_user_id(), clock.now())
    flash("Das ist die Kopie. Geben Sie ihr einen eigenen Namen.", "info")
    return go("message_templates.edit", template_id=copied)


@blueprint.post("/<int:template_id>/archive")
def archive(template_id: int) -> Response:
    row = template_or_404(template_id)
    message_templates.archive(template_id, current_user_id(), clock.now())
    undo_url = url_for("message_templates.restore", template_id=template_id)
    flash({"text": f"Die Vorlage „{row.name}“ ist gelöscht.", "undo_url": undo_url, "undo_fields": {}}, "success")
    return go("message_templates.index")


@blueprint.post("/<int:template_id>/restore")
def restore(template_id: int) -> Response:
    row = db.get_or_404(MessageTemplate, template_id)
    message_templates.restore(template_id, current_user_id(), clock.now())
    return done(f"Die Vorlage „{row.name}“ ist wieder da.")


@blueprint.post("/examples")
def take_examples() -> Response:
    count = message_templates.take_examples(current_user_id(), clock.now())
    return done(f"{plural(count, 'Beispielvorlage', 'Beispielvorlagen')} übernommen. Passen Sie die Texte an Ihre Praxis an.")


def done(sentence: str) -> Response:
    flash(sentence, "success")
    return go("message_templates.index")


def template_or_404(template_id: int) -> MessageTemplate:
    row = db.session.get(MessageTemplate, template_id, populate_existing=True)
    return row if row is not None and row.archived_at is None else abort(404)


def typed(channel: str) -> TypedTemplate:
    form = request.form
    fields = (form.get(name, "") for name in ("purpose", "subject", "body"))
    return message_templates.typed(form.get("name", ""), channel, *fields)


def form_page(
    text: TypedTemplate,
    row: MessageTemplate | None = None,
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
        "purposes": list(PURPOSE_LABELS.items()),
        "macros": chips_for(text.channel, with_appointments=True),
        "uses": message_templates.uses(row.id) if row else None,
        "complaints": complaints(text.subject, text.body, "", text.channel),
    }
    return make_response(render_template("message_templates/form.html", **values), status)


def may_edit() -> bool:
    return role_reaches(current_user.role, Role.STAFF)
