"""The start page: what needs a person first, then what runs, then what was last. What it shows is gathered in the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from blueprints import health
from blueprints.access import current_user_id, may_open, passive
from blueprints.answers import go, wants_fragment
from blueprints.dispatches.pages import ENDED
from jobs.clock import now
from messaging.domain.calendar_de import day_words, plural
from messaging.domain.reasons import REASONS
from messaging.domain.states import DispatchState
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS
from messaging.models import MailAccount, db
from messaging.outbox.progress import progress
from messaging.services import dispatch_log, drafts, start_page
from messaging.services.appointment_list import UPCOMING
from messaging.services.dispatch_log import DispatchLine
from messaging.services.dispatch_words import short_words, standing
from messaging.services.start_page import Day, Failed, FirstSteps

blueprint = Blueprint("start", __name__)


@dataclass(frozen=True)
class Task:
    """Something a person must do. What is not `pressing` is shown without red."""

    title: str
    text: str
    url: str | None = None
    link_text: str = ""
    pressing: bool = True


DRAFTS_SHOWN, LAST_SHOWN = 5, 5
LABELS = {"channel_labels": CHANNEL_LABELS, "purpose_labels": PURPOSE_LABELS}


@dataclass(frozen=True)
class Step:
    """One of the first steps in a new house."""

    title: str
    text: str
    button: str
    url: str | None
    done: bool


@blueprint.get("/")
def index() -> Response:
    steps = start_page.first_steps()
    values = now_values() | {
        "steps": first_steps(steps),
        "empty_house": not steps.people,
        "drafts": drafts.open_drafts(current_user_id(), DRAFTS_SHOWN),
        "days": [day_link(day) for day in start_page.days(now())],
        **last_values(),
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
    if len(values["moving"]) != request.args.get("moving", type=int):
        answer.headers["HX-Trigger"] = ENDED
    return answer


@blueprint.get("/start/last")
@passive
def last() -> Response:
    """The last dispatches, asked when one ended."""
    if not wants_fragment():
        return go("start.index")
    return make_response(render_template("start/_last.html", **last_values(), **LABELS))


def last_values() -> dict[str, Any]:
    return {"last": dispatch_log.latest_ended(LAST_SHOWN), "when": lambda moment: short_words(moment, now())}


def now_values() -> dict[str, Any]:
    live = dispatch_log.live()
    moving = [line for line in live if line.state != DispatchState.PAUSED]
    tasks = list(tasks_for_people(live))
    return {
        "tasks": tasks,
        "moving": moving,
        "standings": {line.id: words(line) for line in moving},
        "calm": not (tasks or moving),
        "poll_url": poll_url(moving),
    }


def tasks_for_people(live: Sequence[DispatchLine]) -> Iterator[Task]:
    """What needs a person, the most pressing first."""
    trouble, unclear = health.trouble(), health.work().unclear
    if trouble:
        yield Task(trouble.sentence, trouble.cure)
    if unclear:
        yield Task(
            f"{plural(unclear, 'Nachricht ist', 'Nachrichten sind')} unklar",
            "Bitte entscheiden Sie für jede: gilt sie als gesendet, oder geht sie noch einmal hinaus?",
            url_for("dispatches.unclear"),
            "Entscheiden",
        )
    yield from (paused_task(line) for line in live if line.state == DispatchState.PAUSED)
    yield from map(failed_task, start_page.failed_since_yesterday(now()))


def paused_task(line: DispatchLine) -> Task:
    why = REASONS[line.pause_code].text if line.pause_code in REASONS else "Bitte setzen Sie ihn fort, oder brechen Sie ihn ab."
    text = f"{why} {plural(line.numbers.open, 'Nachricht wartet', 'Nachrichten warten')}."
    url = url_for("dispatches.show", dispatch_id=line.id)
    return Task(f"Angehalten: {title_of(line.subject, line.id)}", text, url, "Zum Versand", pressing=bool(line.pause_code))


def failed_task(failed: Failed) -> Task:
    count = plural(failed.count, "Nachricht", "Nachrichten")
    url = url_for("dispatches.show", dispatch_id=failed.dispatch_id, filter="failed", _anchor="recipients")
    text = "Bitte berichtigen Sie die Adressen; danach können Sie nur diese erneut senden."
    return Task(f"{count} nicht zustellbar: {title_of(failed.subject, failed.dispatch_id)}", text, url, "Wer und warum")


def title_of(subject: str, dispatch_id: int) -> str:
    return subject or f"Versand {dispatch_id}"


def poll_url(moving: Sequence[DispatchLine]) -> str | None:
    """Where the page asks again; only while something runs."""
    running = any(line.state == DispatchState.RUNNING for line in moving)
    return url_for("start.refresh", moving=len(moving)) if running else None


def words(line: DispatchLine) -> str:
    """Where a dispatch is, in one sentence."""
    account = db.session.get(MailAccount, line.account_id)
    return standing(progress(line.id, now()), account, line.finished_at, now()).sentence


def day_link(day: Day) -> dict[str, Any]:
    """A day with its appointments, and the list of just these."""
    url = url_for("search.appointments", **{"from": day.day.isoformat(), "status": UPCOMING})
    return {"words": day_words(day.day), "count": day.appointments, "url": url}


def first_steps(done: FirstSteps) -> list[Step]:
    """All steps of an empty house, later those that are left. A step this user may not open has no address."""
    every = [
        step("Patienten und Termine importieren", "Als CSV-Datei aus Ihrem Praxisprogramm, mit Probelauf vor dem Speichern.",
             "Importieren", "imports.index", done.people),
        step("E-Mail-Konto einrichten", "Absender, Server und Passwort. Danach prüfen Sie die Verbindung.",
             "Einrichten", "admin_mail_accounts.index", done.account),
        step("Vorlagen ansehen", "Fertige Texte für Terminerinnerung, Recall und Einladung, die Sie anpassen.",
             "Ansehen", "message_templates.index", done.template),
    ]  # fmt: skip
    return [each for each in every if not (done.people and each.done)]


def step(title: str, text: str, button: str, endpoint: str, done: bool) -> Step:
    return Step(title, text, button, url_for(endpoint) if may_open(endpoint) else None, done)
