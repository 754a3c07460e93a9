"""The ticks of lists: change them, look at what is ticked, do something with it. Which rows a list has: `list_requests`."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request

from blueprints.access import current_user_id
from blueprints.answers import go, problem, wants_fragment
from blueprints.list_requests import LISTS, ListRoom, all_hits
from blueprints.list_views import appointments_answer, people_answer, ticks_view, today
from blueprints.way_back import local_path
from jobs.clock import now
from messaging.domain.errors import DomainError, Problem
from messaging.domain.words import CHANNEL_LABELS, Channel
from messaging.services import drafts, selection

blueprint = Blueprint("selection", __name__, url_prefix="/selection")

#: Pages of the ticked rows, by scope.
TICKED_PAGES = {selection.PEOPLE: "selection.people", selection.APPOINTMENTS: "selection.appointments"}


@blueprint.get("/people")
def people() -> Response:
    return people_answer("ticked", "selection/people.html")


@blueprint.get("/appointments")
def appointments() -> Response:
    return appointments_answer("ticked_appointments", "selection/appointments.html")


@blueprint.post("")
def change() -> Response:
    """Tick or untick rows (contract of `people_table.html`); the list is named by the query string, with its filters."""
    operation = request.form.get("op", "")
    change_ticks(asked_list(), operation)
    if not wants_fragment():
        return go(local_path(request.form.get("next")))
    response = make_response(render_template("selection/_bar.html", selection=ticks_view(request.args["list"], operation)))
    response.vary.add("HX-Request")
    return response


@blueprint.post("/act")
def act() -> Response:
    """The menu Aktion: begin a message to everything that is ticked, or look at the ticks."""
    room = asked_list()
    if request.form.get("synced") != "1":
        change_ticks(room, "page")
    action = request.form.get("action", "")
    if action == "edit":
        return go(TICKED_PAGES[room.scope])
    try:
        return go("recipients.index", draft_id=new_draft(room, action))
    except DomainError as refused:
        return problem(refused.problem, link_url=local_path(request.form.get("next")), link_text="Zurück zur Liste")


def asked_list() -> ListRoom:
    return LISTS.get(request.args.get("list", "")) or abort(404)


def change_ticks(room: ListRoom, operation: str) -> None:
    """Do what the form says; a row that does not exist changes nothing."""
    mine = (current_user_id(), room.scope)
    rows, shown = (request.form.getlist(name, type=int) for name in ("row", "shown"))
    if operation == "add":
        selection.add(*mine, rows)
    elif operation == "remove":
        selection.remove(*mine, rows)
    elif operation == "page":
        selection.keep_page(*mine, shown, rows)
    elif operation == "clear":
        selection.clear(*mine)
    elif operation == "add_hits":
        selection.add_query(*mine, all_hits(room, request.args, mine[0], today()))
    elif operation == "remove_hits":
        selection.remove_query(*mine, all_hits(room, request.args, mine[0], today()))
    else:
        abort(400)


def new_draft(room: ListRoom, channel: str) -> int:
    """A draft of everything that is ticked. Refuses a channel that has no way to send yet, and an empty selection."""
    if channel != Channel.EMAIL:
        name = CHANNEL_LABELS[Channel(channel)] if channel in set(Channel) else abort(400)
        sentence = f"Die Versandart {name} ist in Praxispost noch nicht eingerichtet."
        raise DomainError(Problem("channel_missing", sentence, "Bitte senden Sie bis dahin E-Mails."))
    return drafts.create_from_selection(current_user_id(), room.scope, channel, now())
