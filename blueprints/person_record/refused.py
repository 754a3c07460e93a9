"""One click on the record: an address that was remembered as undeliverable may be written to again."""

from __future__ import annotations

from flask import Response, flash

from blueprints.access import current_user_id
from blueprints.answers import go
from blueprints.person_record.room import blueprint, card_or_404
from jobs.clock import now
from messaging.services import refused_addresses

CLEARED = "Die Adresse ist wieder freigegeben. Wird sie noch zweimal abgelehnt, fragen wir wieder."


@blueprint.post("/people/<int:person_id>/address-works")
def clear_refused_address(person_id: int) -> Response:
    card_or_404(person_id)
    if refused_addresses.clear(person_id, current_user_id(), now()):
        flash(CLEARED, "success")
    return go("person_record.show", person_id=person_id)
