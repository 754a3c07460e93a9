"""Patientensuche: people by whatever is known of them, and the appointments of a day. Nothing is changed here."""

from __future__ import annotations

from flask import Blueprint, Response

from blueprints.list_views import appointments_answer, people_answer

blueprint = Blueprint("search", __name__, url_prefix="/search")


@blueprint.get("")
def index() -> Response:
    """The tab Suche."""
    return people_answer("search", "search/index.html")


@blueprint.get("/appointments")
def appointments() -> Response:
    """The tab Terminliste."""
    return appointments_answer("search_appointments", "search/appointments.html")
