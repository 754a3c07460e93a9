"""Steering a dispatch: stop, go on, end for good, send again to those it did not reach. The rules are in the services."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, flash, make_response, render_template, request

from blueprints.access import current_user_id, needs
from blueprints.answers import go, wants_fragment
from blueprints.confirm import flash_the_night
from blueprints.dispatches.pages import progress_answer
from blueprints.dispatches.room import blueprint, line_of
from blueprints.moments import QuietChoice, quiet_choice, typed_or, wanted_moment
from jobs.clock import now
from jobs.sending import wake_dispatch
from messaging.domain.form_errors import FormRefused
from messaging.domain.quiet_hours import quiet_time
from messaging.domain.states import DispatchState
from messaging.domain.words import Role
from messaging.outbox.progress import progress
from messaging.services import dispatching, resending
from messaging.services.dispatch_log import DispatchLine

NOT_WOKEN = "Der Versand ist fortgesetzt. Er läuft an, sobald ein Versandprozess ihn findet; das kann eine Minute dauern."
BEGUN_ALREADY = "Für die Fehlgeschlagenen gibt es schon diesen Entwurf. Es bleibt bei einem, damit niemand doppelt Post bekommt."


@blueprint.post("/<int:dispatch_id>/pause")
def pause(dispatch_id: int) -> Response:
    line_of(dispatch_id)
    dispatching.pause(dispatch_id, current_user_id(), now())
    return answer(dispatch_id)


@blueprint.post("/<int:dispatch_id>/resume")
def resume(dispatch_id: int) -> Response:
    waiting = line_of(dispatch_id).numbers.open
    dispatching.resume(dispatch_id, current_user_id(), now())
    if not wake_dispatch(dispatch_id, waiting):
        flash(NOT_WOKEN, "warning")
    return answer(dispatch_id)


@blueprint.get("/<int:dispatch_id>/cancel")
@needs(Role.STAFF)
def ask_cancel(dispatch_id: int) -> Response:
    """The question before a step that cannot be undone."""
    line = line_of(dispatch_id)
    if not line.live:
        return go("dispatches.show", dispatch_id=dispatch_id)
    return make_response(render_template("dispatches/cancel.html", line=line))


@blueprint.post("/<int:dispatch_id>/cancel")
def cancel(dispatch_id: int) -> Response:
    line_of(dispatch_id)
    dispatching.cancel(dispatch_id, current_user_id(), now())
    flash("Der Versand ist abgebrochen.", "success")
    return go("dispatches.show", dispatch_id=dispatch_id)


@blueprint.get("/<int:dispatch_id>/time")
@needs(Role.STAFF)
def ask_time(dispatch_id: int) -> Response:
    """Another time for a dispatch that has not begun."""
    line = line_of(dispatch_id)
    if line.state != DispatchState.SCHEDULED:
        return go("dispatches.show", dispatch_id=dispatch_id)
    return time_page(line)


@blueprint.post("/<int:dispatch_id>/time")
def set_time(dispatch_id: int) -> Response:
    line, moment = line_of(dispatch_id), now()
    try:
        wanted = moment if request.form.get("when") == "now" else wanted_moment(request.form, moment)
    except FormRefused as refused:
        return time_page(line, 422, refused.sentences)
    if choice := quiet_choice(request.form, line.purpose, wanted):
        return time_page(line, 422, choice=choice)
    begins_now = dispatching.reschedule(dispatch_id, wanted, current_user_id(), moment)
    if begins_now and not wake_dispatch(dispatch_id, line.numbers.open):
        flash(NOT_WOKEN, "warning")
    flash_the_night(dispatch_id, line.purpose, wanted, moment)
    return go("dispatches.show", dispatch_id=dispatch_id)


def time_page(
    line: DispatchLine, status: int = 200, wrong: Mapping[str, str] | None = None, choice: QuietChoice | None = None
) -> Response:
    planned = progress(line.id, now()).scheduled_at
    values = {
        "line": line,
        "planned": planned,
        "when": typed_or(request.form, planned, now(), wrong),
        "choice": choice,
        "quiet_now": quiet_time(line.purpose, now()),
    }
    return make_response(render_template("dispatches/time.html", **values), status)


@blueprint.post("/<int:dispatch_id>/resend")
def resend(dispatch_id: int) -> Response:
    """A draft for those it did not reach, which begins in the check window; while one is open, that one."""
    line_of(dispatch_id)
    draft = resending.resend_failed(dispatch_id, current_user_id(), now())
    if not draft.created:
        flash(BEGUN_ALREADY, "info")
    return go("recipients.index", draft_id=draft.id)


def answer(dispatch_id: int) -> Response:
    if not wants_fragment():
        return go("dispatches.show", dispatch_id=dispatch_id)
    return progress_answer(line_of(dispatch_id))
