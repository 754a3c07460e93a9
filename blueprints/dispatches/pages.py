"""Looking: the log with its filters and exports, one dispatch with its recipients, and its progress. Steering is beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for

from blueprints import health
from blueprints.access import may_open, passive
from blueprints.answers import go, page_or_fragment, wants_fragment
from blueprints.dispatches.room import (
    blueprint,
    line_of,
    log_args,
    log_filter,
    may_steer,
    part_args,
    recipient_filter,
    typed_log_args,
)
from blueprints.list_requests import list_page, typed_days
from blueprints.list_views import panel_url, record_url, today, typed_day_values
from blueprints.safe_html import mail_html
from jobs.clock import now
from messaging.domain.reasons import REASONS
from messaging.domain.sending_words import (
    ATTEMPT_LABELS,
    DISPATCH_LABELS,
    LEFT_OUT,
    LEFT_OUT_LABEL,
    MESSAGE_LABELS,
    STATE_GROUPS,
    next_step,
    reason_sentence,
)
from messaging.domain.states import DispatchState
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS
from messaging.models import MailAccount, db
from messaging.outbox.progress import Progress, progress
from messaging.services import dispatch_export, dispatch_log, dispatch_recipients, dispatch_text, resending
from messaging.services.dispatch_log import DispatchLine
from messaging.services.dispatch_recipients import RecipientFilter
from messaging.services.dispatch_words import at_words, short_words, standing

#: Told to the page when the last poll saw the end: the list of recipients is then read once more.
ENDED = "dispatchFinished"
#: Told when more, or fewer, need somebody: who they are and why stands in the list.
WENT_WRONG = "dispatchWentWrong"
NEEDING = ("failed", "unknown")


@blueprint.get("")
def index() -> Response:
    return show_log()


@blueprint.get("/results")
@passive
def refresh() -> Response:
    """The list as it is now, asked by the page itself while something is running."""
    return show_log()


@blueprint.get("/export.csv")
def export() -> Response:
    days, problems = typed_days(request.args, today())
    if problems:
        return redirect(url_for("dispatches.index", **typed_log_args()))
    return download(dispatch_export.log_csv(log_filter(days)), "versandprotokoll.csv")


@blueprint.get("/<int:dispatch_id>")
def show(dispatch_id: int) -> Response:
    """The page; its list of recipients alone for a filter or another page of it."""
    line = line_of(dispatch_id)
    listed = recipients_values(line)
    if wants_fragment():
        return page_or_fragment("dispatches/_recipients.html", "dispatches/_recipients.html", line=line, **listed)
    values = {"text": dispatch_text.text_of(dispatch_id), "mail_html": mail_html, "oob": False, **labels()}
    return make_response(render_template("dispatches/show.html", line=line, **listed, **progress_values(line), **values))


@blueprint.get("/<int:dispatch_id>/progress")
@passive
def show_progress(dispatch_id: int) -> Response:
    line = line_of(dispatch_id)
    if not wants_fragment():
        return go("dispatches.show", dispatch_id=dispatch_id)
    return progress_answer(line)


@blueprint.get("/<int:dispatch_id>/export.csv")
def export_one(dispatch_id: int) -> Response:
    line_of(dispatch_id)
    return download(dispatch_export.recipients_csv(dispatch_id), f"versand-{dispatch_id}.csv")


@blueprint.get("/messages/<int:message_id>")
def message(message_id: int) -> Response:
    """One message with its tries: beside the list, or as a page."""
    row = dispatch_recipients.one(message_id) or abort(404)
    values = {"row": row, "line": line_of(row.dispatch_id), "record_url": record_url(row.person_id), **row_words()}
    return page_or_fragment("dispatches/message.html", "dispatches/_message_panel.html", **values)


def show_log() -> Response:
    days, problems = typed_days(request.args, today())
    wanted = log_filter(days)
    page = dispatch_log.page(wanted, list_page(request.args))
    args = log_args(wanted, page.part)
    running = any(line.state == DispatchState.RUNNING for line in page.rows)
    values = {
        "page": page,
        "wanted": wanted,
        "args": args,
        **typed_day_values(days, problems),
        "poll_url": url_for("dispatches.refresh", **args) if running else None,
        "when": when,
        "unclear": health.work().unclear,
        "drafts_url": url_for("drafts.index") if may_open("drafts.index") else None,
    }
    status = 422 if problems else 200
    return page_or_fragment("dispatches/index.html", "dispatches/_results.html", status, **values, **labels())


def progress_answer(line: DispatchLine) -> Response:
    """The progress; with the buttons as well if they are not those of the state that the page shows."""
    values, template = progress_values(line), "dispatches/_progress_answer.html"
    answer = page_or_fragment(template, template, line=line, oob=request.args.get("shown", "") != line.state, **values)
    bad = bad_ends(values["progress"])
    if values["progress"].ended:
        answer.headers["HX-Trigger"] = ENDED
    elif request.args.get("bad", bad, type=int) != bad:
        answer.headers["HX-Trigger"] = WENT_WRONG
    return answer


def bad_ends(found: Progress) -> int:
    """How many need somebody to look."""
    return sum(group_count(found, group) for group in NEEDING)


def group_count(found: Progress, group: str) -> int:
    return sum(found.counts.get(state, 0) for state in STATE_GROUPS[group])


def progress_values(line: DispatchLine) -> dict[str, Any]:
    """What the progress and the buttons show."""
    found = progress(line.id, now())
    account = db.session.get(MailAccount, line.account_id)
    moving = line.state in (DispatchState.RUNNING, DispatchState.SCHEDULED)
    return {
        "progress": found,
        "standing": standing(found, account, line.finished_at, now()),
        "counts": shown_counts(found),
        "trouble": health.trouble() if moving else None,
        "may_steer": may_steer(),
        **resend_values(line),
        "poll_url": None if found.ended else poll_url(line, found),
    }


def poll_url(line: DispatchLine, found: Progress) -> str:
    """With what the page shows, so that the answer knows what is new."""
    return url_for("dispatches.show_progress", dispatch_id=line.id, shown=line.state, bad=bad_ends(found))


def resend_values(line: DispatchLine) -> dict[str, Any]:
    """What became of those it did not reach, the draft that is still open for them, and how many could be sent to again."""
    repeats = dispatch_log.repeats(line.id) if line.numbers.failed else []
    left = resending.left_to_resend(line.id) if line.numbers.failed and not line.live else 0
    return {
        "repeats": repeats,
        "resend_draft": next((each for each in repeats if not each.dispatch_id), None),
        "resend_left": left,
    }


def shown_counts(found: Progress) -> list[tuple[int, str, str, str]]:
    """Counts by state with their words, without those that are nought; what needs somebody is red and leads to its recipients."""
    kinds = {**dict.fromkeys(NEEDING, "danger"), "sent": "strong"}
    return [
        (number, MESSAGE_LABELS[states[0]], kinds.get(name, "quiet"), needing_url(found.id, name))
        for name, states in STATE_GROUPS.items()
        if (number := group_count(found, name)) or name == "sent"
    ]


def needing_url(dispatch_id: int, group: str) -> str:
    return url_for("dispatches.show", dispatch_id=dispatch_id, filter=group) if group in NEEDING else ""


def recipients_values(line: DispatchLine) -> dict[str, Any]:
    """What the list of recipients shows."""
    wanted = recipient_filter()
    page = dispatch_recipients.page(line.id, wanted, list_page(request.args))
    counts = dispatch_recipients.counts(line.id)
    return {
        "page": page,
        "wanted": wanted,
        "args": {"dispatch_id": line.id, **wanted_args(wanted), **part_args(page.part)},
        "chips": state_chips(line, wanted, counts),
        "reason_chips": reason_chips(line, wanted),
        "with_appointments": any(row.appointment_start for row in page.rows),
        "record_url": record_url,
        "panel_url": panel_url,
        "read_at": now(),
        **row_words(),
    }


def row_words() -> dict[str, Any]:
    """How the state of one recipient is put into words."""
    return {
        "reason_sentence": reason_sentence,
        "next_step": next_step,
        "attempt_labels": ATTEMPT_LABELS,
        "when": when,
        "retry_words": lambda moment: at_words(max(moment, now()), now()),
    }


def wanted_args(wanted: RecipientFilter, **other: str) -> dict[str, str]:
    named = {"filter": wanted.group, "reason": wanted.reason, "q": wanted.query, **other}
    return {name: value for name, value in named.items() if value}


def state_chips(line: DispatchLine, wanted: RecipientFilter, counts: dict[str, int]) -> list[tuple[str, str, bool, int]]:
    """Filters by state; those without anybody are left away."""
    numbers = {"": line.numbers.total}
    numbers |= {name: sum(counts.get(state, 0) for state in states) for name, states in STATE_GROUPS.items()}
    numbers[LEFT_OUT] = sum(line.left_out.values())
    words = {
        "": "Alle Nachrichten",
        **{name: MESSAGE_LABELS[states[0]] for name, states in STATE_GROUPS.items()},
        LEFT_OUT: LEFT_OUT_LABEL,
    }
    shown = [name for name, number in numbers.items() if number or name in ("", wanted.group)]
    return [(words[name], list_url(line, wanted, filter=name, reason=""), name == wanted.group, numbers[name]) for name in shown]


def reason_chips(line: DispatchLine, wanted: RecipientFilter) -> list[tuple[str, str, bool, int]]:
    """Why people were left out before; shown under that filter."""
    if not wanted.before:
        return []
    every = [("alle Gründe", list_url(line, wanted, reason=""), not wanted.reason, sum(line.left_out.values()))]
    return every + [
        (REASONS[code].short if code in REASONS else code, list_url(line, wanted, reason=code), code == wanted.reason, number)
        for code, number in line.left_out.items()
    ]


def list_url(line: DispatchLine, wanted: RecipientFilter, **other: str) -> str:
    return url_for("dispatches.show", dispatch_id=line.id, **wanted_args(wanted, **other))


def labels() -> dict[str, Any]:
    return {"channel_labels": CHANNEL_LABELS, "purpose_labels": PURPOSE_LABELS, "dispatch_labels": DISPATCH_LABELS}


def when(moment: datetime | None) -> str:
    return short_words(moment, now())


def download(content: bytes, filename: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(content, mimetype="text/csv", headers=headers)
