"""Einrichtung: name, address and phone of the practice, and the few settings that hold for everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, Response, flash, request

from blueprints.access import current_user_id, needs
from blueprints.answers import go, page_or_fragment
from blueprints.edit_base import base_of_form
from jobs import clock
from messaging.domain.edit_merge import EditRefused
from messaging.domain.practice_rules import IDLE_AT_LEAST, IDLE_AT_MOST, PROFESSOR_FORMS, professor_example
from messaging.domain.words import Role
from messaging.services import practice

blueprint = Blueprint("admin_practice", __name__, url_prefix="/admin/practice")


@blueprint.get("")
@needs(Role.MANAGER)
def edit() -> Response:
    texts = practice.stored()
    return form_answer(texts, texts)


@blueprint.post("")
@needs(Role.MANAGER)
def update() -> Response:
    texts = {name: " ".join(request.form.get(name, "").split()) for name in practice.FIELDS}
    try:
        practice.save(texts, base_of_form(practice.FIELDS), current_user_id(), clock.now())
    except EditRefused as refused:
        return form_answer(refused.merge.texts, refused.merge.stored, refused.sentences)
    flash("Die Einrichtung ist gespeichert.", "success")
    return go("admin_practice.edit")


def form_answer(texts: Mapping[str, str], base: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Response:
    values = {
        "texts": texts,
        "base": json.dumps(base),
        "errors": errors or {},
        "professor_choices": [(form, professor_example(form)) for form in PROFESSOR_FORMS],
        "idle_limits": (IDLE_AT_LEAST, IDLE_AT_MOST),
    }
    return page_or_fragment("admin_practice/edit.html", "admin_practice/_form.html", 422 if errors else 200, **values)
