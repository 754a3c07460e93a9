"""What a row of the check window remembers, and how its tick follows a new verdict. The verdict itself is `recipient_check`'s."""

from __future__ import annotations

from dataclasses import dataclass

from messaging.domain.reasons import REASONS
from messaging.domain.recipient_check import Verdict

#: `unticked_batch` of a row that a person unticked; numbers from 1 on are clicks on "erlaubt".
BY_HAND = -1
NOT_UNTICKED = 0


@dataclass(frozen=True, slots=True)
class RowState:
    """The stored part of a row. `unticked_batch` says who unticked it: nobody (0), a person (BY_HAND), a click on "erlaubt"."""

    address: str
    ticked: bool
    allowed: bool
    possible: bool
    reason: str
    duplicate: bool
    unticked_batch: int = NOT_UNTICKED
    override_reason: str = ""


def first_state(verdict: Verdict, duplicate: bool) -> RowState:
    """A row nobody has touched: a red NEIN is ticked (it does not go out all the same), a red row and a duplicate are not."""
    ticked = verdict.possible and not duplicate
    return RowState(verdict.address, ticked, verdict.allowed, verdict.possible, verdict.reason, duplicate)


def after_recheck(old: RowState, verdict: Verdict, duplicate: bool) -> RowState:
    """The same row under a new verdict: what a person decided stays as long as it makes sense.

    Unticked by hand stays unticked. Removed for want of permission comes back once permission is there. A duplicate ticked by
    hand stays ticked. A written reason stands only against what it was given for: the same objection, the same address.
    """
    restored = old.unticked_batch > NOT_UNTICKED and verdict.possible and verdict.allowed
    batch = NOT_UNTICKED if restored else old.unticked_batch
    ticked = verdict.possible and batch == NOT_UNTICKED and (not duplicate or (old.ticked and old.duplicate))
    reason = old.override_reason if old.override_reason and _stands_as_before(old, verdict) else ""
    return RowState(verdict.address, ticked, verdict.allowed, verdict.possible, verdict.reason, duplicate, batch, reason)


def may_be_overridden(row: RowState | Verdict) -> bool:
    """Whether a user with that right may give a reason to write all the same."""
    return row.possible and not row.allowed and row.reason in REASONS and REASONS[row.reason].overridable


def _stands_as_before(old: RowState, verdict: Verdict) -> bool:
    return verdict.reason == old.reason and verdict.address == old.address and may_be_overridden(verdict)
