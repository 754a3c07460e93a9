"""The composer's page, its preview, and saving. Preview and saving are two requests: looking never changes anything."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, render_template, request

from blueprints.access import current_user_id
from blueprints.answers import go, wants_fragment
from blueprints.composer import room
from blueprints.composer.room import blueprint
from blueprints.list_requests import list_page
from jobs import clock
from messaging.domain.errors import DomainError
from messaging.domain.macro_catalogue import macro_named
from messaging.domain.states import DraftState
from messaging.services import composing, recipients_without

#: Where the buttons of the form lead once the text is saved.
ONWARD = {"recipients": "recipients.index", "confirm": "confirm.index", "stay": "composer.index"}


@blueprint.get("/drafts/<int:draft_id>/compose")
def index(draft_id: int) -> Response:
    draft = room.draft_or_404(draft_id)
    if draft.state != DraftState.OPEN:
        return room.ended(draft)
    return room.page(draft, composing.suggested_text(draft, current_user_id()))


@blueprint.post("/drafts/<int:draft_id>/compose")
def save(draft_id: int) -> Response:
    text = room.typed()
    try:
        composing.save(draft_id, text, room.typed_version(), clock.now())
    except DomainError as refusal:
        return room.refused(draft_id, text, refusal)
    then = request.form.get("then", "stay")
    if then not in ONWARD or then == "stay":
        flash("Der Entwurf ist gespeichert.", "success")
    return go(ONWARD.get(then, "composer.index"), draft_id=draft_id)


@blueprint.post("/drafts/<int:draft_id>/compose/autosave")
def autosave(draft_id: int) -> Response:
    text = room.typed()
    try:
        version = composing.save(draft_id, text, room.typed_version(), clock.now())
    except DomainError as refusal:
        return room.refused(draft_id, text, refusal)
    return Response(status=204, headers={"X-Draft-Version": str(version)})


@blueprint.post("/drafts/<int:draft_id>/compose/preview")
def show_preview(draft_id: int) -> Response:
    draft = room.draft_or_404(draft_id)
    if draft.state != DraftState.OPEN:
        return room.ended(draft)
    text = room.typed()
    if wants_fragment():
        return Response(render_template("composer/_preview.html", **room.preview_values(draft, text)))
    return room.page(draft, text, version=room.typed_version())


@blueprint.get("/drafts/<int:draft_id>/compose/empty/<macro>")
def gaps(draft_id: int, macro: str) -> Response:
    draft = room.draft_or_404(draft_id)
    known = macro_named(macro) or abort(404)
    found = recipients_without.page(draft, known.name, clock.now(), list_page(request.args))
    args = {"draft_id": draft_id, "macro": macro, "per_page": found.part.per_page}
    return make_response(render_template("composer/gaps.html", macro=known.name, found=found, args=args))
