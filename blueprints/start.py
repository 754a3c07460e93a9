"""The start page: what needs a person first, then what runs, then what was last. What it shows is gathered in the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from blueprints import health
from blueprints.access import current_user_id, may_open, passive
from blueprints.answers import go, wants_fragment
from blueprints.dispatches.pages import ENDED
from jobs.clock import now
from messaging.domain.calendar_de import day_words
from messaging.domain.states import DispatchState
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS
from messaging.models import MailAccount, db
from messaging.outbox.progress import progress
from messaging.services import dispatch_log, drafts, start_page
from messaging.services.appointment_list import UPCOMING
from messaging.services.dispatch_log import DispatchLine
from messaging.services.dispatch_words import standing
from messaging.services.start_page import Day, FirstSteps

blueprint = Blueprint("start", __name__)

DRAFTS_SHOWN, LAST_SHOWN = 5, 5
LABELS = {"channel_labels": CHANNEL_LABELS, "purpose_labels": PURPOSE_LABELS}


@blueprint.get("/")
def index() -> Response:
    steps = start_page.first_steps()
    values = now_values() | {
        "steps": [] if steps.complete else first_steps(steps),
        "empty_house": not steps.people,
        "drafts": drafts.open_drafts(current_user_id(), DRAFTS_SHOWN),
        "days": [day_link(day) for day in start_page.days(now())],
        "last": dispatch_log.latest_ended(LAST_SHOWN),
    }
    values["calm"] = values["calm"] and steps.people
    return make_response(render_template("start/page.html", **values, **LABELS))


@blueprint.get("/start/now")
@passive
def refresh() -> Response:
    """What needs a person and what runs, asked by the page while something is running."""
    if not wants_fragment():
        return go("start.index")
    values = now_values()
    answer = make_response(render_template("start/_now.html", **values, **LABELS))
    if len(values["live"]) != request.args.get("live", type=int):
        answer.headers["HX-Trigger"] = ENDED
    return answer


@blueprint.get("/start/last")
@passive
def last() -> Response:
    """The last dispatches, asked when one ended."""
    if not wants_fragment():
        return go("start.index")
    return make_response(render_template("start/_last.html", last=dispatch_log.latest_ended(LAST_SHOWN), **LABELS))


def now_values() -> dict[str, Any]:
    live, failed = dispatch_log.live(), start_page.failed_since_yesterday(now())
    work, trouble = health.work(), health.trouble()
    return {
        "live": live,
        "standings": {line.id: words(line) for line in live},
        "paused": work.paused,
        "failed": failed,
        "unclear": work.unclear,
        "trouble": trouble,
        "calm": not (failed or work.unclear or work.paused or trouble or live),
        "poll_url": poll_url(live),
    }


def poll_url(live: Sequence[DispatchLine]) -> str | None:
    """Where the page asks again; only while something moves."""
    running = any(line.state == DispatchState.RUNNING for line in live)
    return url_for("start.refresh", live=len(live)) if running else None


def words(line: DispatchLine) -> str:
    """Where a dispatch is, in one sentence."""
    account = db.session.get(MailAccount, line.account_id)
    return standing(progress(line.id, now()), account, line.finished_at, now()).sentence


def day_link(day: Day) -> dict[str, Any]:
    """A day with its appointments, and the list of just these."""
    url = url_for("search.appointments", **{"from": day.day.isoformat(), "status": UPCOMING})
    return {"words": day_words(day.day), "count": day.appointments, "url": url}


def first_steps(steps: FirstSteps) -> list[dict[str, Any]]:
    """What to do first in a new house, and where; a step this user may not open has no address."""
    return [
        step("Patienten und Termine importieren", "Als CSV-Datei aus Ihrem Praxisprogramm, mit Probelauf vor dem Speichern.",
             "Importieren", "imports.index", steps.people),
        step("E-Mail-Konto einrichten", "Absender, Server und Passwort. Danach prüfen Sie die Verbindung.",
             "Einrichten", "admin_mail_accounts.index", steps.account),
        step("Vorlagen ansehen", "Fertige Texte für Terminerinnerung, Recall und Einladung, die Sie anpassen.",
             "Ansehen", "message_templates.index", steps.template),
    ]  # fmt: skip


def step(title: str, text: str, button: str, endpoint: str, done: bool) -> dict[str, Any]:
    url = url_for(endpoint) if may_open(endpoint) else None
    return {"title": title, "text": text, "button": button, "url": url, "done": done}
