"""Whether the house is alive: /healthz for programs, alarms and the badge of the side bar for people. Judged in the services."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState

from blueprints.access import may_open, open_to_all
from blueprints.page_frame import ALARM_SOURCES, BADGE_SOURCES, Alarm
from jobs import queues
from jobs.clock import now
from messaging.domain.errors import Problem
from messaging.domain.states import DispatchState
from messaging.services import health
from messaging.services.health import Health, LiveDispatch, Work

blueprint = Blueprint("health", __name__)

#: The start page says all of this itself, as the first thing.
SAYS_IT_ITSELF = "start.index"


@blueprint.record_once
def note_the_start(state: BlueprintSetupState) -> None:
    """While a house is starting its parts are not missed yet."""
    app: Flask = state.app
    app.extensions["started_at"] = app.config["CLOCK"]()


@blueprint.get("/healthz")
@open_to_all
def show() -> Response:
    found = health.health(queues.signs_of_life(), started_at(), now())
    answer = jsonify(as_dict(found))
    answer.status_code = 200 if found.fine else 503
    return answer


def as_dict(found: Health) -> dict[str, object]:
    """No patient data: states, counts and moments."""
    return {
        "status": "ok" if found.fine else "trouble",
        "problem": found.problem or None,
        "database": "ok" if found.database else "error",
        "redis": "ok" if found.signs.redis else "error",
        "workers": found.signs.workers,
        "queues": dict(found.signs.queues),
        "last_tick": found.last_tick.isoformat() if found.last_tick else None,
        "oldest_due_seconds": found.oldest_due_seconds,
    }


def started_at() -> datetime:
    return current_app.extensions["started_at"]


def work() -> Work:
    """What is to be done, read once per request."""
    if "health_work" not in g:
        g.health_work = health.work(now())
    return g.health_work


def trouble() -> Problem | None:
    """What is wrong with the machinery now, or None."""
    return health.trouble_of(work(), queues.signs_of_life(), started_at(), now())


def alarms() -> list[Alarm]:
    """For every page. The page of a dispatch says by itself what is wrong with that dispatch."""
    if request.endpoint == SAYS_IT_ITSELF:
        return []
    shown = (request.view_args or {}).get("dispatch_id") if request.endpoint == "dispatches.show" else None
    said_there = any(each.id == shown and each.state == DispatchState.RUNNING for each in work().live)
    wrong = None if said_there else trouble()
    return [
        *([Alarm("danger", wrong.text)] if wrong else []),
        *standing_still([each for each in work().paused if each.id != shown]),
    ]


def standing_still(paused: list[LiveDispatch]) -> list[Alarm]:
    """One line, however many dispatches are paused. What a person paused is no fault."""
    if not paused:
        return []
    level = "danger" if any(each.pause_code for each in paused) else "warning"
    if len(paused) > 1:
        return [Alarm(level, f"{len(paused)} Versände sind angehalten.", list_url(), "Ansehen")]
    first = paused[0]
    text = f"Der Versand „{first.subject}“ ist angehalten. {first.paused_because}".strip()
    return [Alarm(level, text, url_for("dispatches.show", dispatch_id=first.id), "Zum Versand")]


def list_url() -> str:
    return url_for("dispatches.index", state=DispatchState.PAUSED)


def unclear_count() -> int:
    """Messages that wait for a decision; for the side bar."""
    return work().unclear if may_open("dispatches.unclear") else 0


ALARM_SOURCES.append(alarms)
BADGE_SOURCES["dispatches.index"] = unclear_count
