"""What follows from a provider's answer: next state, next try, pause. Pure; read by the outbox alone.

Temporary errors are tried again after five minutes flat until the message is no longer useful: growing delays park messages for
hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.domain.states import MessageState
from messaging.domain.words import Purpose

RETRY_AFTER = timedelta(minutes=5)
#: How long a message that depends on no appointment is tried again.
USEFUL_FOR = timedelta(days=2)
#: A reminder is useless shortly before the appointment: the patient has left home.
USEFUL_BEFORE_APPOINTMENT = timedelta(minutes=30)
#: So many failures one after another pause the dispatch.
FAILURES_IN_A_ROW = 5
#: More than this share of failures, once there are enough answers to judge, pauses it too.
FAILURE_SHARE = 0.30
ENOUGH_TO_JUDGE = 20


@dataclass(frozen=True, slots=True)
class Next:
    """Where a message goes after a failed hand-over; `at` is the next try of a retrying one."""

    state: MessageState
    reason: str
    at: datetime | None = None


def after_temporary(code: str, now: datetime, useful_until: datetime) -> Next:
    """Another try in five minutes, unless that would be too late to be useful."""
    again = now + RETRY_AFTER
    if again > useful_until:
        return Next(MessageState.FAILED, "too_late")
    return Next(MessageState.RETRYING, code, again)


def useful_until(purpose: str, first_tried: datetime, appointment_start: datetime | None) -> datetime:
    """The last moment at which handing over still makes sense.

    Without an appointment it is counted from the first try, not from when it was due: limits and switched-off machines make a
    message late, not useless.
    """
    if purpose == Purpose.APPOINTMENT and appointment_start is not None:
        return appointment_start - USEFUL_BEFORE_APPOINTMENT
    return first_tried + USEFUL_FOR


def held_up_too_long(purpose: str, scheduled_at: datetime, now: datetime, appointment_start: datetime | None) -> bool:
    """Whether a reminder missed its last useful moment; one that was meant to go that late still goes."""
    if purpose != Purpose.APPOINTMENT or appointment_start is None:
        return False
    return scheduled_at <= appointment_start - USEFUL_BEFORE_APPOINTMENT < now


def reason_to_pause(latest: Sequence[bool], failed: int, answered: int) -> str:
    """`latest`: the newest answers, newest first, True = accepted. Returns a reason code, or "" to go on.

    Each message counts once, by its first try: one full mailbox that is tried every five minutes must not stop all others.
    """
    newest = latest[:FAILURES_IN_A_ROW]
    if len(newest) == FAILURES_IN_A_ROW and not any(newest):
        return "failures_in_a_row"
    if answered >= ENOUGH_TO_JUDGE and failed / answered > FAILURE_SHARE:
        return "too_many_failures"
    return ""
