"""Changes of the text that the server makes: a template in its place, the earlier text back, a macro mended or removed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, render_template, request

from blueprints.answers import go, wants_fragment
from blueprints.composer import room
from blueprints.composer.room import blueprint
from jobs import clock
from messaging.domain.errors import DomainError
from messaging.models import Draft
from messaging.services import composing
from messaging.services.composing import Text


@blueprint.post("/drafts/<int:draft_id>/compose/template")
def use_template(draft_id: int) -> Response:
    template_id = request.form.get("template", type=int)
    if template_id is None:
        return Response(status=204) if wants_fragment() else go("composer.index", draft_id=draft_id)
    return changed(draft_id, lambda text, version: composing.use_template(draft_id, text, template_id, version, clock.now()))


@blueprint.post("/drafts/<int:draft_id>/compose/undo")
def undo(draft_id: int) -> Response:
    return changed(draft_id, lambda text, version: composing.undo(draft_id, text, version, clock.now()))


@blueprint.post("/drafts/<int:draft_id>/compose/mend")
def mend(draft_id: int) -> Response:
    place, replacement, written = [*request.form.get("mend", "").split("|", 2), "", "", ""][:3]
    return changed(
        draft_id, lambda text, version: composing.mend(draft_id, text, place, written, replacement, version, clock.now())
    )


def changed(draft_id: int, change: Callable[[Text, int], Draft]) -> Response:
    """Make the change and show the new text, which the preview then looks at by itself."""
    text = room.typed()
    try:
        draft = change(text, room.typed_version())
    except DomainError as refusal:
        return room.refused(draft_id, text, refusal)
    if not wants_fragment():
        return go("composer.index", draft_id=draft_id)
    values = room.text_values(draft, composing.stored_text(draft))
    response = make_response(render_template("composer/_changed.html", **values, version=draft.version))
    response.headers["HX-Trigger"] = "textReplaced"
    return response
