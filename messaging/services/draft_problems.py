"""What still keeps a draft from being sent: account, subject, text, macros. Each problem names its cure."""

from __future__ import annotations

from messaging.domain import macros
from messaging.domain.errors import Problem
from messaging.domain.html_text import to_plain_text
from messaging.models import Draft, MailAccount, Signature, db

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
    found += [NO_SUBJECT if not draft.subject.strip() else None, NO_TEXT if not to_plain_text(draft.body).strip() else None]
    found += [Problem(complaint.code, complaint.sentence) for complaint in complaints(draft)]
    return tuple(problem for problem in found if problem)


def complaints(draft: Draft) -> list[macros.MacroComplaint]:
    """What is wrong with the macros of subject, text and signature."""
    signature = db.session.get(Signature, draft.signature_id) if draft.signature_id else None
    texts = (draft.subject, draft.body, signature.body if signature else "")
    return list(dict.fromkeys(complaint for text in texts for complaint in macros.complaints(text, draft.channel)))


def _account_problem(account: MailAccount | None) -> Problem | None:
    if account is None:
        return NO_ACCOUNT
    return None if account.active else ACCOUNT_OFF
