"""What states of dispatches and messages are called in German, and which states a list shows together.

The badges of the screens say the same words; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.domain.reasons import REASONS
from messaging.domain.states import ACCEPTED, NOT_REACHED, OPEN_MESSAGES, DispatchState, MessageState

DISPATCH_LABELS: Mapping[str, str] = {
    DispatchState.SCHEDULED: "geplant",
    DispatchState.RUNNING: "läuft",
    DispatchState.PAUSED: "angehalten",
    DispatchState.FINISHED: "fertig",
    DispatchState.CANCELLED: "abgebrochen",
}

MESSAGE_LABELS: Mapping[str, str] = {
    MessageState.QUEUED: "wartet",
    MessageState.SENDING: "wird gesendet",
    MessageState.RETRYING: "neuer Versuch",
    MessageState.SENT: "übergeben",
    MessageState.DELIVERED: "zugestellt",
    MessageState.FAILED: "nicht zustellbar",
    MessageState.BOUNCED: "nicht zustellbar",
    MessageState.UNKNOWN: "unklar",
    MessageState.SKIPPED: "ausgelassen",
    MessageState.CANCELLED: "abgebrochen",
}

#: Rows of the check window that never became a message.
LEFT_OUT = "left_out"
LEFT_OUT_LABEL = "vorher ausgelassen"

#: What can be filtered by: name in the address -> states. Together they are all states, each once.
STATE_GROUPS: Mapping[str, tuple[MessageState, ...]] = {
    "queued": (MessageState.QUEUED,),
    "sending": (MessageState.SENDING,),
    "retrying": (MessageState.RETRYING,),
    "sent": (MessageState.SENT,),
    "delivered": (MessageState.DELIVERED,),
    "failed": NOT_REACHED,
    "unknown": (MessageState.UNKNOWN,),
    "skipped": (MessageState.SKIPPED,),
    "cancelled": (MessageState.CANCELLED,),
}

ATTEMPT_LABELS: Mapping[str, str] = {
    "": "läuft",
    "accepted": "angenommen",
    "temporary": "vorübergehend abgelehnt",
    "busy": "Mailserver nicht bereit",
    "rejected": "abgelehnt",
    "misconfigured": "Konto nicht nutzbar",
    "unknown": "unklar",
    "released": "nicht begonnen",
    "skipped": "ausgelassen",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of a dispatch. `open` + `sent` + `failed` + `unknown` + `left_out` = `selected`."""

    selected: int
    total: int
    open: int
    sent: int
    failed: int
    unknown: int
    #: left out when it was confirmed, skipped at hand-over, or cancelled
    left_out: int


def tally(counts: Mapping[str, int], left_out: Mapping[str, int]) -> Tally:
    """Sum up `counts` by message state and `left_out` by reason code."""
    total = sum(counts.values())
    before = sum(left_out.values())
    return Tally(
        selected=total + before,
        total=total,
        open=_sum(counts, OPEN_MESSAGES),
        sent=_sum(counts, ACCEPTED),
        failed=_sum(counts, NOT_REACHED),
        unknown=counts.get(MessageState.UNKNOWN, 0),
        left_out=before + _sum(counts, (MessageState.SKIPPED, MessageState.CANCELLED)),
    )


def _sum(counts: Mapping[str, int], states: tuple[MessageState, ...]) -> int:
    return sum(counts.get(state, 0) for state in states)


def reason_sentence(code: str) -> str:
    """Why, in a German sentence; "" for none. A code of a newer version is shown as it is rather than hidden."""
    known = REASONS.get(code)
    return known.sentence if known else code


def next_step(state: str, code: str) -> str:
    """What a person should do now, or what happens by itself; "" when nothing is to be done."""
    if state == MessageState.UNKNOWN:
        return "Bitte entscheiden: gilt als gesendet oder erneut senden."
    if state in (MessageState.QUEUED, MessageState.RETRYING):
        return "Geht von selbst weiter."
    if state == MessageState.BOUNCED:
        return "Bitte Adresse oder Nummer mit der Person klären."
    known = REASONS.get(code)
    return known.cure if known and state not in ACCEPTED else ""
