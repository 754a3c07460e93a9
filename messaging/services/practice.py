"""The practice's own data (Einrichtung): one row, edited by several people. What they do elsewhere is said where it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messaging.domain import practice_rules
from messaging.domain.edit_merge import merge, refuse_edit, switch_text, switch_word
from messaging.domain.practice_rules import TEXTS
from messaging.models import Practice, db, write_transaction
from messaging.services import audit

ONLY_ROW = 1
FIELDS = (*TEXTS, "professor_form", "idle_minutes", "sms_field_grants_consent")
WORDS = {
    "professor_form": practice_rules.professor_example,
    "sms_field_grants_consent": switch_word,
}


def stored() -> dict[str, str]:
    """The texts of the form; the switch "a number in the field SMS switches reminders on" is "1" or ""."""
    return texts_of(db.session.get(Practice, ONLY_ROW, populate_existing=True))


def texts_of(row: Practice | None) -> dict[str, str]:
    if row is None:
        return {**dict.fromkeys(TEXTS, ""), "professor_form": "word", "idle_minutes": "20", "sms_field_grants_consent": "1"}
    texts = {name: getattr(row, name) for name in (*TEXTS, "professor_form")}
    return {
        **texts,
        "idle_minutes": str(row.idle_minutes),
        "sms_field_grants_consent": switch_text(row.sms_field_grants_consent),
    }


def save(texts: Mapping[str, str], base: Mapping[str, str], user_id: int, now: datetime) -> None:
    """Save cleaned texts of a form that began at `base`: what others changed meanwhile stays. Raises EditRefused."""
    with write_transaction() as session:
        row = session.get(Practice, ONLY_ROW, populate_existing=True, with_for_update=True)
        merged = merge(FIELDS, base, texts_of(row), texts)
        refuse_edit(merged, practice_rules.problems_of(merged.texts), WORDS)
        if row is None:
            row = Practice(id=ONLY_ROW)
            session.add(row)
        wanted = _values(merged.texts)
        changed = [name for name in FIELDS if getattr(row, name) != wanted[name]]
        for name in changed:
            setattr(row, name, wanted[name])
        if changed:
            audit.record(session, now, user_id, "practice_changed", "practice", ONLY_ROW, **dict.fromkeys(changed, 1))


def _values(texts: Mapping[str, str]) -> dict[str, Any]:
    """The columns of texts that are in order."""
    switch = bool(texts["sms_field_grants_consent"])
    return {**texts, "idle_minutes": int(texts["idle_minutes"]), "sms_field_grants_consent": switch}
