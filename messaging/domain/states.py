"""States of drafts, dispatches and messages and every permitted step between them (DESIGN, section 3, sending).

Nothing else may change a state.
"""

from __future__ import annotations

from enum import StrEnum


class DraftState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class DispatchState(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    RETRYING = "retrying"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


D, S, M = DraftState, DispatchState, MessageState

DRAFT_STEPS: dict[DraftState, frozenset[DraftState]] = {
    D.OPEN: frozenset({D.CONFIRMED, D.DISCARDED}),
    D.CONFIRMED: frozenset(),
    D.DISCARDED: frozenset({D.OPEN}),  # undo
}

DISPATCH_STEPS: dict[DispatchState, frozenset[DispatchState]] = {
    S.SCHEDULED: frozenset({S.RUNNING, S.PAUSED, S.CANCELLED}),
    S.RUNNING: frozenset({S.PAUSED, S.FINISHED, S.CANCELLED}),
    # back to scheduled: resumed before its time has come
    S.PAUSED: frozenset({S.RUNNING, S.SCHEDULED, S.FINISHED, S.CANCELLED}),
    # a person lets a doubtful message go again, or it turns out late that it was not taken
    S.FINISHED: frozenset({S.RUNNING}),
    S.CANCELLED: frozenset(),
}

MESSAGE_STEPS: dict[MessageState, frozenset[MessageState]] = {
    M.QUEUED: frozenset({M.SENDING, M.SKIPPED, M.CANCELLED}),
    # back to queued: claimed, but the hand-over never began
    M.SENDING: frozenset({M.SENT, M.RETRYING, M.FAILED, M.UNKNOWN, M.QUEUED, M.SKIPPED, M.CANCELLED}),
    M.RETRYING: frozenset({M.SENDING, M.SKIPPED, M.CANCELLED}),
    M.SENT: frozenset({M.DELIVERED, M.BOUNCED}),
    M.DELIVERED: frozenset({M.BOUNCED}),
    M.BOUNCED: frozenset(),
    M.FAILED: frozenset(),
    # a person decides: counts as sent, or again; or the worker was only slow, and its late answer is the truth
    M.UNKNOWN: frozenset({M.SENT, M.QUEUED, M.RETRYING, M.FAILED, M.CANCELLED}),
    M.SKIPPED: frozenset(),
    M.CANCELLED: frozenset(),
}

#: A claim may take a message out of these.
CLAIMABLE = (M.QUEUED, M.RETRYING)
#: Still to be worked on; a dispatch without any of these is finished.
OPEN_MESSAGES = (M.QUEUED, M.SENDING, M.RETRYING)
#: Handed over.
ACCEPTED = (M.SENT, M.DELIVERED)
#: Did not reach the recipient, for sure.
NOT_REACHED = (M.FAILED, M.BOUNCED)
LIVE_DISPATCHES = (S.SCHEDULED, S.RUNNING, S.PAUSED)


class ForbiddenStep(ValueError):
    """Somebody asked for a step that the table does not know."""


def may_step(table: dict, here: StrEnum | str, there: StrEnum | str) -> bool:
    """Whether `table` permits the step; unknown states are never permitted."""
    return there in table.get(here, frozenset())


def require_step(table: dict, here: StrEnum | str, there: StrEnum | str) -> None:
    if not may_step(table, here, there):
        raise ForbiddenStep(f"{here} -> {there}")
