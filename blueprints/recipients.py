"""The check window "Empfänger prüfen": who of a draft may be written to, and who gets the message."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, request

from blueprints.answers import go, page_or_fragment, problem, wants_fragment
from blueprints.check_window import (
    answer,
    around_the_list,
    back,
    draft_of,
    list_args,
    open_draft_of,
    rechecked_words,
    refuse,
    show,
)
from jobs.clock import now
from messaging.domain.errors import DomainError, Problem
from messaging.domain.words import Purpose
from messaging.services import recipients

blueprint = Blueprint("recipients", __name__, url_prefix="/drafts/<int:draft_id>/recipients")
blueprint.register_error_handler(DomainError, refuse)

NO_SUCH_PURPOSE = Problem("purpose_unknown", "Diesen Zweck gibt es nicht.", "Bitte wählen Sie einen aus der Liste.")
NOBODY_LEFT = "Bitte kreuzen Sie jemanden an, dem Sie schreiben dürfen. So bekommt niemand diese Nachricht."


@blueprint.get("")
def index(draft_id: int) -> Response:
    return show(draft_of(draft_id))


@blueprint.post("/ticks")
def ticks(draft_id: int) -> Response:
    """Single ticks, ranges, pages and whole filters; the contract of the lists of people."""
    change_ticks(draft_id, request.form.get("op", ""))
    if not wants_fragment():
        return back(draft_id)
    values = around_the_list(draft_of(draft_id), list_args(), recipients.numbers(draft_id))
    return page_or_fragment("recipients/_after_ticks.html", "recipients/_after_ticks.html", **values)


@blueprint.post("/remove-not-allowed")
def remove_not_allowed(draft_id: int) -> Response:
    take_over_ticks(draft_id)
    if not recipients.untick_not_allowed(draft_id):
        flash(nothing_removed(draft_id), "info")
    return answer(draft_id)


@blueprint.post("/undo")
def undo(draft_id: int) -> Response:
    take_over_ticks(draft_id)
    if not recipients.undo(draft_id, request.args.get("batch", type=int)):
        flash("Das ist schon rückgängig gemacht.", "info")
    return answer(draft_id)


@blueprint.post("/recheck")
def recheck(draft_id: int) -> Response:
    take_over_ticks(draft_id)
    flash(rechecked_words(recipients.recheck(draft_id, now())), "info")
    return answer(draft_id)


@blueprint.post("/<int:recipient_id>/recheck")
def recheck_one(draft_id: int, recipient_id: int) -> Response:
    take_over_ticks(draft_id)
    flash(rechecked_words(recipients.recheck_person(draft_id, recipient_id, now())), "info")
    return answer(draft_id)


@blueprint.post("/purpose")
def set_purpose(draft_id: int) -> Response:
    wanted = request.form.get("purpose", "")
    if wanted not in set(Purpose):
        return problem(NO_SUCH_PURPOSE, 422, request.path.removesuffix("/purpose"), "Zurück zur Liste")
    flash(rechecked_words(recipients.set_purpose(draft_id, wanted, now())), "info")
    return answer(draft_id)


@blueprint.post("/accept")
def accept(draft_id: int) -> Response:
    """Übernahme: on to the text, for those who are sendable."""
    draft = open_draft_of(draft_id)
    take_over_ticks(draft_id)
    if not recipients.numbers(draft_id).sendable:
        flash(NOBODY_LEFT, "warning")
        return show(draft, 422)
    return go("composer.index", draft_id=draft_id)


def change_ticks(draft_id: int, op: str) -> None:
    rows = request.form.getlist("row", type=int)
    if op in ("add", "remove"):
        recipients.tick(draft_id, rows, on=op == "add")
    elif op in ("add_hits", "remove_hits"):
        recipients.tick_all(draft_id, list_args().filter, on=op == "add_hits")
    elif op == "clear":
        recipients.tick_all(draft_id, "all", on=False)
    elif op == "page":
        take_over_ticks(draft_id)
    else:
        abort(400)


def take_over_ticks(draft_id: int) -> None:
    """Without JavaScript the ticks of the page come along with every button; otherwise the server knows them already."""
    shown = request.form.getlist("shown", type=int)
    if shown and not wants_fragment():
        recipients.tick_page(draft_id, shown, request.form.getlist("row", type=int))


def nothing_removed(draft_id: int) -> str:
    not_allowed = recipients.numbers(draft_id).not_allowed
    return "Alle nicht erlaubten Empfänger sind schon entfernt." if not_allowed else "Alle Empfänger sind erlaubt."
