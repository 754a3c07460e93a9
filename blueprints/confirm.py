"""The last page before sending: what exactly will happen, and the one button that makes it happen. Counting is done below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from blueprints.access import current_user_id
from blueprints.answers import go
from blueprints.composer import room
from blueprints.moments import quiet_choice, typed_or, wanted_moment
from blueprints.safe_html import mail_html
from jobs import clock
from jobs.sending import wake_dispatch
from messaging.domain import draft_text
from messaging.domain.errors import DomainError
from messaging.domain.form_errors import FormRefused
from messaging.domain.quiet_hours import quiet_time
from messaging.domain.states import DraftState
from messaging.models import Draft
from messaging.services import attachments, composing, confirm_words, dispatching, repeated_text

blueprint = Blueprint("confirm", __name__, url_prefix="/drafts/<int:draft_id>/confirm")

#: The button below names no moment; the one of the question says that now is meant although a time is typed.
AT_ONCE = (None, "", "now")
UNSAID = {"refused": None, "choice": None, "asks_when": False}


@blueprint.get("")
def index(draft_id: int) -> Response:
    draft = room.draft_or_404(draft_id)
    return page(draft) if draft.state == DraftState.OPEN else room.ended(draft)


@blueprint.post("")
def send(draft_id: int) -> Response:
    draft, now = room.draft_or_404(draft_id), clock.now()
    if draft.state != DraftState.OPEN:
        return room.ended(draft)
    if not request.form.get("when") and time_is_typed(draft, now):
        return page(draft, 422, asks_when=True)
    try:
        moment = wanted_moment(request.form, now) if request.form.get("when") not in AT_ONCE else None
    except FormRefused as refusal:
        return page(draft, 422, wrong=refusal.sentences)
    if moment and (choice := quiet_choice(request.form, draft.purpose, moment)):
        return page(draft, 422, choice=choice)
    return send_at(draft, moment, now)


def time_is_typed(draft: Draft, now: datetime) -> bool:
    """Whether the fields of the moment hold something that the page did not offer by itself."""
    quiet = quiet_time(draft.purpose, now)
    offered = typed_or({}, quiet.until if quiet else None, now)
    return any(request.form.get(name, "").strip() not in ("", offered[name].value) for name in ("date", "time"))


def send_at(draft: Draft, moment: datetime | None, now: datetime) -> Response:
    """Confirm what the page promised, for later or for now (None)."""
    version, expected = request.form.get("version", 0, type=int), request.form.get("expected", 0, type=int)
    seal = request.form.get("seal", "")
    try:
        confirmed = dispatching.confirm(draft.id, current_user_id(), now, version, expected, moment, seal)
    except DomainError as refusal:
        return page(room.draft_or_404(draft.id), 409, refused=refusal.problem)
    if confirmed.created and moment is None:
        wake_dispatch(confirmed.dispatch_id, expected)
    elif moment:
        flash_the_night(confirmed.dispatch_id, draft.purpose, moment, now)
    return go("dispatches.show", dispatch_id=confirmed.dispatch_id)


def flash_the_night(dispatch_id: int, purpose: str, begin: datetime, now: datetime) -> None:
    """Say it if a dispatch that begins then is still going when people sleep."""
    night = confirm_words.night_sentence(purpose, begin, dispatching.ready_at(dispatch_id, begin, now), now)
    if night:
        flash(night, "warning")


@blueprint.post("/doubled")
def doubled(draft_id: int) -> Response:
    """Also write, or no longer write, where the same address gets the same text already."""
    room.draft_or_404(draft_id)
    composing.keep_doubled(draft_id, keep=request.form.get("keep") == "1", now=clock.now())
    return go("confirm.index", draft_id=draft_id)


@blueprint.post("/repeated")
def repeated(draft_id: int) -> Response:
    """Leave out, or no longer leave out, who got this text within a day."""
    draft = room.draft_or_404(draft_id)
    change = repeated_text.take_back if request.form.get("keep") == "1" else repeated_text.leave_out
    change(draft, clock.now())
    return go("confirm.index", draft_id=draft_id)


def page(draft: Draft, status: int = 200, **said: Any) -> Response:
    """The page. `said`: `refused` on top, `wrong` beside the fields of the moment, `choice` or `asks_when` to be answered."""
    now = clock.now()
    values = {**plan_values(draft, now), **moment_values(draft, now, said.get("wrong")), **repeated_values(draft, now)}
    return make_response(render_template("confirm/page.html", **values, **UNSAID | said), status)


def plan_values(draft: Draft, now: datetime) -> dict[str, Any]:
    plan = dispatching.plan(draft.id, now)
    return {
        "draft": draft,
        "plan": plan,
        "words": confirm_words.words(plan, draft.channel, draft.purpose, now),
        "can_send": room.may_edit(draft),
        "example_html": mail_html(plan.example.html) if plan.example else "",
        "files": attachments.attached(draft.id),
        "blanks": draft_text.open_blanks(draft.subject, draft.body),
        "step_urls": {**room.step_urls(draft), "compose": url_for("composer.index", draft_id=draft.id)},
    }


def moment_values(draft: Draft, now: datetime, wrong: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Whether it had better wait, and what the fields for a later moment show."""
    quiet = quiet_time(draft.purpose, now)
    return {"quiet": quiet, "when": typed_or(request.form, quiet.until if quiet else None, now, wrong)}


def repeated_values(draft: Draft, now: datetime) -> dict[str, str]:
    found = repeated_text.repeated(draft, now)
    return {"repeated": confirm_words.repeated_sentence(found), "left_out": confirm_words.left_out_sentence(found)}
