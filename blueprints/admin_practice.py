"""Einrichtung: name, address and phone of the practice, and the few settings that hold for everybody."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, flash, request

from blueprints.access import current_user_id, needs
from blueprints.answers import go, page_or_fragment
from jobs import clock
from messaging.domain.form_errors import FormRefused
from messaging.domain.practice_rules import IDLE_AT_LEAST, IDLE_AT_MOST, PROFESSOR_FORMS, TEXTS, professor_example
from messaging.domain.words import Role
from messaging.services import practice

blueprint = Blueprint("admin_practice", __name__, url_prefix="/admin/practice")


@blueprint.get("")
@needs(Role.MANAGER)
def edit() -> Response:
    return form_answer(*practice.stored())


@blueprint.post("")
@needs(Role.MANAGER)
def update() -> Response:
    names = (*TEXTS, "professor_form", "idle_minutes")
    texts = {name: " ".join(request.form.get(name, "").split()) for name in names}
    by_field = "sms_field_grants_consent" in request.form
    try:
        practice.save(texts, by_field, current_user_id(), clock.now())
    except FormRefused as refused:
        return form_answer(texts, by_field, {name: problem.text for name, problem in refused.problems.items()})
    flash("Die Einrichtung ist gespeichert.", "success")
    return go("admin_practice.edit")


def form_answer(texts: Mapping[str, str], by_field: bool, errors: Mapping[str, str] | None = None) -> Response:
    values = {
        "texts": texts,
        "sms_field_grants_consent": by_field,
        "errors": errors or {},
        "professor_choices": [(form, professor_example(form)) for form in PROFESSOR_FORMS],
        "idle_limits": (IDLE_AT_LEAST, IDLE_AT_MOST),
    }
    return page_or_fragment("admin_practice/edit.html", "admin_practice/_form.html", 422 if errors else 200, **values)
