"""Patienten and Interessenten: everybody in a table to sort and filter. One person's page is `person_record`."""

from __future__ import annotations

from flask import Blueprint, Response

from blueprints.list_views import people_answer

blueprint = Blueprint("people", __name__)


@blueprint.get("/patients")
def patients() -> Response:
    return people_answer("patients", "people/patients.html")


@blueprint.get("/prospects")
def prospects() -> Response:
    return people_answer("prospects", "people/prospects.html")
