"""Attaching, removing and putting back files: requests of their own, so that a picture never delays or endangers the text."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request

from blueprints.answers import go, wants_fragment
from blueprints.composer import room
from blueprints.composer.room import blueprint
from messaging.domain.errors import DomainError
from messaging.services import attachments


@blueprint.post("/drafts/<int:draft_id>/attachments")
def attach(draft_id: int) -> Response:
    room.draft_or_404(draft_id)
    chosen = [(file.filename or "", file.read()) for file in request.files.getlist("files") if file.filename]
    try:
        attachments.attach(draft_id, chosen)
    except DomainError as refusal:
        return shown(draft_id, refusal.problem.text)
    return shown(draft_id)


@blueprint.post("/drafts/<int:draft_id>/attachments/<int:attachment_id>/remove")
def detach(draft_id: int, attachment_id: int) -> Response:
    room.draft_or_404(draft_id)
    attachments.remove(draft_id, attachment_id)
    return shown(draft_id, just_removed=True)


@blueprint.post("/drafts/<int:draft_id>/attachments/put-back")
def put_back(draft_id: int) -> Response:
    room.draft_or_404(draft_id)
    try:
        attachments.put_back(draft_id)
    except DomainError as refusal:
        return shown(draft_id, refusal.problem.text)
    return shown(draft_id)


def shown(draft_id: int, error: str = "", *, just_removed: bool = False) -> Response:
    """The list of files, with the reason if one was not taken. After a removal the way back has the focus."""
    if wants_fragment():
        draft = room.draft_or_404(draft_id)
        values = {"draft": draft, "can_edit": room.may_edit(draft), "file_error": error, "just_removed": just_removed}
        files = room.file_values(draft_id, attachments.attached(draft_id))
        html = render_template("composer/_attachments.html", **files, **values)
        return make_response(html, 422 if error else 200, {"HX-Trigger": "filesChanged"})
    if error:
        flash(error, "danger")
    return go("composer.index", draft_id=draft_id)
