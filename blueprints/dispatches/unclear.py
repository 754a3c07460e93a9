"""Unclear messages: nobody knows whether they arrived, so a person decides about each. What is known comes from the services."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request

from blueprints.access import current_user_id
from blueprints.answers import go, page_or_fragment, problem, wants_fragment
from blueprints.dispatches.room import blueprint, may_steer, part_args
from blueprints.list_requests import list_page
from blueprints.list_views import panel_url, record_url
from jobs.clock import now
from jobs.sending import wake_dispatch
from messaging.domain.errors import Problem
from messaging.domain.sending_words import ATTEMPT_LABELS, reason_sentence
from messaging.models import Message, db
from messaging.services import dispatching
from messaging.services import unclear as unclear_messages

NO_DECISION = Problem("no_decision", "Bitte wählen Sie „gilt als gesendet“ oder „erneut senden“.")
DECIDED = {
    "sent": "Die Nachricht gilt jetzt als gesendet.",
    "again": "Die Nachricht wird noch einmal gesendet.",
}


@blueprint.get("/unclear")
def unclear() -> Response:
    return page_or_fragment("dispatches/unclear.html", "dispatches/_unclear.html", **values())


@blueprint.post("/unclear/<int:message_id>")
def settle(message_id: int) -> Response:
    decision = request.form.get("decision", "")
    if decision not in DECIDED:
        return problem(NO_DECISION, 422)
    db.get_or_404(Message, message_id)
    dispatch_id = dispatching.settle_unknown(message_id, decision, current_user_id(), now())
    if decision == "again":
        wake_dispatch(dispatch_id, 1)
    if not wants_fragment():
        flash(DECIDED[decision], "success")
        return go("dispatches.unclear", **part_args(list_page(request.args)))
    return page_or_fragment("dispatches/unclear.html", "dispatches/_unclear.html", **values(DECIDED[decision]))


def values(done: str | None = None) -> dict[str, Any]:
    page = unclear_messages.page(list_page(request.args))
    return {
        "page": page,
        "args": part_args(page.part),
        "done": done,
        "may_steer": may_steer(),
        "record_url": record_url,
        "panel_url": panel_url,
        "reason_sentence": reason_sentence,
        "attempt_labels": ATTEMPT_LABELS,
    }
