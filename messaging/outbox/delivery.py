"""Draining: one slice of one dispatch over one connection.

Claim a group, hand each over, write down what came of it, until time is up.

No transaction is open while the network is used. Who runs it (RQ) and when is not known here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from messaging.domain.delivery_rules import RETRY_AFTER, Next, after_temporary, useful_until
from messaging.domain.email_address import check_email
from messaging.domain.macro_values import as_of
from messaging.domain.macros import UnfilledMacro
from messaging.domain.states import MessageState
from messaging.models import db
from messaging.outbox import accounts, bad_addresses, claims, standstill
from messaging.outbox.accounts import Job
from messaging.outbox.claims import LEASE, Claim, Item
from messaging.outbox.notes import Notes, Result
from messaging.providers.results import (
    AccountBusy,
    Connection,
    Envelope,
    MisconfiguredError,
    Outcome,
    ProviderError,
    Receipt,
    RejectedError,
    TemporaryError,
)
from messaging.providers.smtp import SmtpConnection, SmtpSettings
from messaging.rendering.mime import BadHeader

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Connect = Callable[[SmtpSettings], Connection]

#: How long one slice works before others get their turn.
SLICE = timedelta(seconds=15)
MAILBOX_REFUSED = "mailbox_refused"
RENEW_AFTER = timedelta(seconds=30)
#: So long what a claim has seen of permission, address and appointment is good for.
FRESH_FOR = timedelta(seconds=2)


class Left(StrEnum):
    """What a drain left behind."""

    MORE = "more"  # time is up, more is due
    WAITING = "waiting"  # an account limit or a busy server; the tick goes on at `wait_until`
    NOTHING = "nothing"  # nothing due, paused, cancelled or finished


def drain(dispatch_id: int, clock: Clock, connect: Connect = SmtpConnection, slice_length: timedelta = SLICE,
          stopping: Callable[[], bool] = lambda: False) -> Left:  # fmt: skip
    """Work on a running dispatch for one slice. `stopping()` becoming true ends it after the current message."""
    end = clock() + slice_length
    try:
        job = accounts.load(dispatch_id)
    except MisconfiguredError as error:
        standstill.pause(dispatch_id, error.code, error.detail, clock())
        return Left.NOTHING
    slice_ = Slice(job, connect(job.settings), Notes(db.engine), clock, lambda: stopping() or clock() >= end)
    try:
        return slice_.work()
    finally:
        slice_.close()
        standstill.finish_if_done(dispatch_id, clock())


class Halt(Exception):
    """The slice must not go on: nothing more may begin, or the whole account has to wait."""


@dataclass
class Slice:
    """The state of one drain: a connection, a place for notes, and the result that still has to be written down."""

    job: Job
    connection: Connection
    notes: Notes
    clock: Clock
    over: Callable[[], bool]
    pending: Result | None = None

    def work(self) -> Left:
        while not self.over():
            claim = claims.claim(self.job.dispatch_id, self.clock())
            if claim.items:
                try:
                    self._hand_over_all(claim)
                except Halt:
                    return Left.WAITING
            elif not claim.skipped:
                return Left.WAITING if claim.wait_until else Left.NOTHING
        return Left.MORE

    def close(self) -> None:
        try:
            self._write_down()
            self.notes.close()
        finally:
            self.connection.close()

    def _hand_over_all(self, claim: Claim) -> None:
        """Every path out of here leaves no item claimed: handed over, or given back."""
        renewed = self.clock()
        all_begun = False
        try:
            for item in self._still_fit(claim):
                if self.over() or not self._begin(item):
                    return
                self._hand_over(item, claim.name)
                if self.pending and self.pending.outcome != Outcome.ACCEPTED:
                    self._write_down()
                    self._judge()
                if self.clock() - renewed > RENEW_AFTER:
                    renewed = self.clock()
                    self.notes.renew(claim.name, renewed + LEASE)
            all_begun = True
        finally:
            self._write_down()
            if not all_begun:
                claims.give_back(self.job.dispatch_id, claim.name, self.clock())

    def _still_fit(self, claim: Claim) -> Iterator[Item]:
        """The items one by one. At a slow server a group takes its time, so who changed meanwhile is looked at again."""
        looked, unfit = self.clock(), frozenset[int]()
        for item in claim.items:
            if self.clock() - looked > FRESH_FOR:
                unfit |= claims.look_again(self.job.dispatch_id, claim.name, self.clock())
                looked = self.clock()
            if item.message_id not in unfit:
                yield item

    def _begin(self, item: Item) -> bool:
        """Write the last result and this beginning in one go."""
        begun = self.notes.step(self.pending, item.attempt_id, self.clock())
        self.pending = None  # only now: a result that could not be written is tried once more before we leave
        return begun

    def _write_down(self) -> None:
        if self.pending is not None:
            self.notes.step(self.pending, None, self.clock())
            self.pending = None

    def _hand_over(self, item: Item, claim: str) -> None:
        """Leaves the result in `pending`, before anything else that may fail: what the server said must not be lost."""
        try:
            receipt = self._send(item)
        except AccountBusy as error:
            self._note_busy(item, claim, error)
        except MisconfiguredError as error:
            self.pending = self._result(item, claim, MessageState.QUEUED, error)
            standstill.pause(self.job.dispatch_id, error.code, error.detail, self.clock())
        except TemporaryError as error:
            self._note_temporary(item, claim, error)
        except ProviderError as error:
            self._note_final(item, claim, error)
        else:
            state, outcome = MessageState.SENT, Outcome.ACCEPTED
            self.pending = Result(item.message_id, item.attempt_id, claim, state, outcome, self.clock(), detail=receipt.detail)

    def _note_temporary(self, item: Item, claim: str, error: TemporaryError) -> None:
        now = self.clock()
        self.pending = self._result(item, claim, MessageState.RETRYING, error, again=now + RETRY_AFTER)
        next_ = self._next(item, error, now)
        self.pending = replace(self.pending, state=next_.state, code=next_.reason, again=next_.at)

    def _next(self, item: Item, error: TemporaryError, now: datetime) -> Next:
        until = useful_until(self.job.purpose, standstill.trying_since(item.message_id), item.appointment_start)
        return after_temporary(error.code, now, until)

    def _note_final(self, item: Item, claim: str, error: ProviderError) -> None:
        state = MessageState.FAILED if isinstance(error, RejectedError) else MessageState.UNKNOWN
        self.pending = self._result(item, claim, state, error)
        if error.code == MAILBOX_REFUSED:
            bad_addresses.remember(item.address, self.clock())

    def _note_busy(self, item: Item, claim: str, error: AccountBusy) -> None:
        """The server takes nothing from us now: this message and all others wait; none of them is blamed. Raises Halt.

        But a message that is busy again while others went through in between is tried again alone. And while others of us
        still get through, only this connection was one too many.
        """
        now = self.clock()
        self.pending = self._result(item, claim, MessageState.QUEUED, error)
        if standstill.stands_alone(item.message_id, self.job.account_id):
            self._note_temporary(item, claim, TemporaryError(error.code, error.detail))
            return
        if (next_ := self._next(item, error, now)).state is MessageState.FAILED:
            self.pending = replace(self.pending, state=next_.state, code=next_.reason)
        if not standstill.others_get_through(self.job.dispatch_id, claim, now):
            standstill.wait(self.job.dispatch_id, now + RETRY_AFTER, error.code)
        raise Halt from error

    def _send(self, item: Item) -> Receipt:
        """Write the bytes and hand them over."""
        address = wire_address(item.address)
        now = self.clock()
        values = as_of(item.values, now)
        try:
            content = self.job.writer.write(values, values.get("Name", ""), address, item.reference, now)
        except (BadHeader, UnfilledMacro, UnicodeError) as error:
            raise RejectedError("bad_header", type(error).__name__) from error
        return self.connection.send(Envelope(self.job.sender_address, address, content))

    def _result(self, item: Item, claim: str, state: MessageState, error: ProviderError, again: datetime | None = None) -> Result:
        logger.info("dispatch %s message %s: %s %s", self.job.dispatch_id, item.message_id, error.outcome, error.code)
        return Result(
            item.message_id, item.attempt_id, claim, state, error.outcome, self.clock(), error.code, error.detail, again
        )

    def _judge(self) -> None:
        """After a failure: does the whole dispatch have to stop and ask?"""
        standstill.pause_if_too_many_failures(self.job.dispatch_id, self.clock())


def wire_address(address: str) -> str:
    """The address as SMTP wants it: the domain in ASCII (RFC 5891). People are stored with the domain as they write it."""
    return address if address.isascii() else check_email(address).wire or address
