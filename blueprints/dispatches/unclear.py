"""Unclear messages: nobody knows whether they arrived, so a person decides about each. What is known comes from the services."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import Response, flash, request

from blueprints.access import current_user_id
from blueprints.answers import go, page_or_fragment, problem, wants_fragment
from blueprints.dispatches.pages import when
from blueprints.dispatches.room import blueprint, line_of, may_steer, part_args
from blueprints.list_requests import list_page
from blueprints.list_views import panel_url, record_url
from jobs.clock import now
from jobs.sending import wake_dispatch
from messaging.domain.calendar_de import number_words
from messaging.domain.errors import DomainError, Problem
from messaging.domain.sending_words import reason_sentence
from messaging.models import Message, db
from messaging.services import dispatching
from messaging.services import unclear as unclear_messages
from messaging.services.unclear import Seen, UnclearMessage

NO_DECISION = Problem("no_decision", "Bitte wählen Sie „Gilt als gesendet“ oder „Erneut senden“.")
DECIDED = {
    "sent": ("Die Nachricht gilt jetzt als gesendet.", "{} Nachrichten gelten jetzt als gesendet."),
    "again": ("Die Nachricht wird noch einmal gesendet.", "{} Nachrichten werden noch einmal gesendet."),
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
    return answer(dispatch_id, decision, 1, message_id)


@blueprint.post("/<int:dispatch_id>/settle")
def settle_all(dispatch_id: int) -> Response:
    """The same decision for every unclear message of a dispatch: after a power cut there can be fifty."""
    decision = request.form.get("decision", "")
    if decision not in DECIDED:
        return problem(NO_DECISION, 422)
    line_of(dispatch_id)
    seen = Seen(request.form.get("count", 0, type=int), request.form.get("newest", ""))
    try:
        count = unclear_messages.settle_all(dispatch_id, decision, seen, current_user_id(), now())
    except DomainError as refused:
        return show_again(refused.problem)
    return answer(dispatch_id, decision, count)


def show_again(refused: Problem) -> Response:
    """The list as it is now, in the place of the one that was decided upon."""
    shown = page_or_fragment("dispatches/unclear.html", "dispatches/_unclear.html", 409, **values(refused=refused))
    shown.headers.update({"HX-Retarget": "#unclear-list", "HX-Reswap": "outerHTML"})
    return shown


def answer(dispatch_id: int, decision: str, count: int, message_id: int | None = None) -> Response:
    """Wake a worker if something goes out again, and show what is left; a single message shows its decision in its place."""
    if decision == "again":
        wake_dispatch(dispatch_id, count)
    one, many = DECIDED[decision]
    done = one if count == 1 else many.format(number_words(count))
    if not wants_fragment():
        flash(done, "success")
        return go("dispatches.unclear", **part_args(list_page(request.args)))
    return page_or_fragment(
        "dispatches/unclear.html", "dispatches/_unclear.html", **values(None if message_id else done, message_id)
    )


def values(done: str | None = None, just_settled: int | None = None, refused: Problem | None = None) -> dict[str, Any]:
    page = unclear_messages.page(list_page(request.args), just_settled)
    return {
        "page": page,
        "groups": [(rows[0], rows) for rows in by_dispatch(page.rows)],
        "args": part_args(page.part),
        "done": done,
        "refused": refused,
        "may_steer": may_steer(),
        "record_url": record_url,
        "panel_url": panel_url,
        "reason_sentence": reason_sentence,
        "when": when,
    }


def by_dispatch(rows: Iterable[UnclearMessage]) -> list[list[UnclearMessage]]:
    return [list(group) for _, group in groupby(rows, key=lambda row: row.dispatch_id)]
