"""One recipient without permission, let through by a written reason: form, giving, taking back. For the Leitung and above."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, render_template, request

from blueprints.access import current_user_id, needs
from blueprints.check_window import answer, back, list_args, open_draft_of, refuse
from jobs.clock import now
from messaging.domain.errors import DomainError
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Purpose, Role
from messaging.services import recipients_overrides, recipients_page

blueprint = Blueprint(
    "recipients_overrides", __name__, url_prefix="/drafts/<int:draft_id>/recipients/<int:recipient_id>/override"
)
blueprint.register_error_handler(DomainError, refuse)


@blueprint.get("")
@needs(Role.MANAGER)
def new(draft_id: int, recipient_id: int) -> Response:
    return form(draft_id, recipient_id)


@blueprint.post("")
@needs(Role.MANAGER)
def create(draft_id: int, recipient_id: int) -> Response:
    words = request.form.get("reason", "")
    try:
        recipients_overrides.override(draft_id, recipient_id, words, current_user_id(), now())
    except DomainError as error:
        if error.problem not in recipients_overrides.WRONG_WORDS:
            raise
        return form(draft_id, recipient_id, words, error.problem.text, 422)
    flash("Die Begründung ist eingetragen und protokolliert.", "success")
    return back(draft_id)


@blueprint.post("/withdraw")
@needs(Role.MANAGER)
def withdraw(draft_id: int, recipient_id: int) -> Response:
    recipients_overrides.withdraw(draft_id, recipient_id, current_user_id(), now())
    return answer(draft_id)


def form(draft_id: int, recipient_id: int, words: str = "", error: str | None = None, status: int = 200) -> Response:
    draft = open_draft_of(draft_id)
    row = recipients_page.one(draft_id, draft.channel, recipient_id) or abort(404)
    if not row.may_be_overridden:
        raise DomainError(recipients_overrides.NOT_OVERRIDABLE)
    labels = {"channel_label": CHANNEL_LABELS[Channel(draft.channel)], "purpose_label": PURPOSE_LABELS[Purpose(draft.purpose)]}
    values = {"draft": draft, "row": row, "words": words, "error": error, "at": {"draft_id": draft_id, **list_args().query()}}
    page = render_template("recipients/override.html", **values, **labels)
    return make_response(page, status)
