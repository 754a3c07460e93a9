"""Termine > Liste: the appointments of the practice as a page of its own. Nothing is changed here."""

from __future__ import annotations

from flask import Blueprint, Response

from blueprints.list_views import appointments_answer

blueprint = Blueprint("appointments", __name__, url_prefix="/appointments")


@blueprint.get("")
def index() -> Response:
    return appointments_answer("appointments", "appointments/index.html")
