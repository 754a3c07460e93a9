"""What still keeps a draft from being sent: account, subject, text, macros. Each problem names its cure."""

from __future__ import annotations

from messaging.domain import draft_text
from messaging.domain.errors import Problem
from messaging.models import Draft, MailAccount, Signature, db
from messaging.outbox.macro_facts import has_appointments

NOBODY = Problem(
    "nobody_to_write_to", "Zurzeit darf niemand aus der Liste angeschrieben werden.", "Bitte prüfen Sie die Empfänger."
)
NO_ACCOUNT = Problem("no_account", "Es ist kein Absenderkonto gewählt.", "Bitte wählen Sie ein Absenderkonto.")
ACCOUNT_OFF = Problem(
    "account_off", "Das gewählte Absenderkonto ist abgeschaltet.", "Bitte wählen Sie ein anderes Absenderkonto."
)
NO_SUBJECT = Problem("no_subject", "Der Betreff ist leer.", "Bitte geben Sie einen Betreff ein.")
NO_TEXT = Problem("no_text", "Der Text ist leer.", "Bitte schreiben Sie einen Text oder wählen Sie eine Vorlage.")


def problems(draft: Draft, account: MailAccount | None) -> tuple[Problem, ...]:
    """Everything that is missing or wrong, in the order of the composer; empty when the draft can be sent."""
    found = [_account_problem(account)]
    found += [NO_SUBJECT if not draft.subject.strip() else None, NO_TEXT if draft_text.is_blank(draft.body) else None]
    found += [Problem(complaint.code, complaint.sentence) for complaint in complaints(draft)]
    return tuple(problem for problem in found if problem)


def complaints(draft: Draft) -> tuple[draft_text.TextComplaint, ...]:
    """What is wrong with the macros of subject, text and signature; the preview of the composer says the same."""
    signature = db.session.get(Signature, draft.signature_id) if draft.signature_id else None
    closing = signature.body if signature else ""
    with_appointments = has_appointments(db.session(), draft.id)
    return draft_text.complaints(draft.subject, draft.body, closing, draft.channel, with_appointments=with_appointments)


def _account_problem(account: MailAccount | None) -> Problem | None:
    if account is None:
        return NO_ACCOUNT
    return None if account.active else ACCOUNT_OFF
