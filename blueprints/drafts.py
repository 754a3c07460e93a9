"""The list of drafts that are not sent yet: open, discard, fetch back."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for

from blueprints.access import current_user_id
from blueprints.answers import go
from blueprints.check_window import origin_url, refuse
from jobs.clock import now
from messaging.domain.errors import DomainError
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS
from messaging.services import drafts

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")
blueprint.register_error_handler(DomainError, refuse)

#: How long a discarded draft can be fetched back from this page.
FETCHED_BACK_WITHIN = timedelta(days=7)


@blueprint.get("")
def index() -> Response:
    lists = {
        "open_drafts": drafts.open_drafts(current_user_id()),
        "discarded": drafts.discarded_since(now() - FETCHED_BACK_WITHIN, current_user_id()),
    }
    labels = {"channel_labels": CHANNEL_LABELS, "purpose_labels": PURPOSE_LABELS}
    return make_response(render_template("drafts/page.html", **lists, **labels))


@blueprint.post("/<int:draft_id>/discard")
def discard(draft_id: int) -> Response:
    draft = drafts.facts(draft_id) or abort(404)
    drafts.discard(draft_id, current_user_id(), now())
    undo_url = url_for("drafts.restore", draft_id=draft_id)
    flash({"text": "Der Entwurf ist verworfen.", "undo_url": undo_url}, "success")  # type: ignore[arg-type]
    return go(origin_url(draft) if "to_origin" in request.form else "drafts.index")


@blueprint.post("/<int:draft_id>/restore")
def restore(draft_id: int) -> Response:
    drafts.restore(draft_id, current_user_id(), now())
    return go("recipients.index", draft_id=draft_id)
