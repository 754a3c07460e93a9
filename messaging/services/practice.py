"""The practice's own data (Einrichtung): one row, read and saved as a whole. What they do elsewhere is said where it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from messaging.domain import practice_rules
from messaging.domain.form_errors import refuse
from messaging.domain.practice_rules import TEXTS
from messaging.models import Practice, db, write_transaction
from messaging.services import audit

ONLY_ROW = 1


def stored() -> tuple[dict[str, str], bool]:
    """The texts of the form, and whether a number in the field SMS switches reminders on."""
    row = db.session.get(Practice, ONLY_ROW, populate_existing=True)
    if row is None:
        return {**dict.fromkeys(TEXTS, ""), "professor_form": "word", "idle_minutes": "20"}, True
    texts = {name: getattr(row, name) for name in (*TEXTS, "professor_form")}
    return {**texts, "idle_minutes": str(row.idle_minutes)}, row.sms_field_grants_consent


def save(texts: Mapping[str, str], sms_field_grants_consent: bool, user_id: int, now: datetime) -> None:
    """Save cleaned texts. Raises FormRefused."""
    refuse(practice_rules.problems_of(texts))
    wanted = {name: texts[name] for name in (*TEXTS, "professor_form")}
    wanted |= {"idle_minutes": int(texts["idle_minutes"]), "sms_field_grants_consent": sms_field_grants_consent}
    with write_transaction() as session:
        row = session.get(Practice, ONLY_ROW, populate_existing=True, with_for_update=True)
        if row is None:
            row = Practice(id=ONLY_ROW)
            session.add(row)
        changed = [name for name, value in wanted.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, wanted[name])
        if changed:
            audit.record(session, now, user_id, "practice_changed", "practice", ONLY_ROW, **dict.fromkeys(changed, 1))
