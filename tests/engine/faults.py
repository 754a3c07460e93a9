"""Worker processes that kill themselves at a labelled step of a hand-over: no handler runs, nothing is flushed."""

from __future__ import annotations

import os
import signal
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from flask import Flask

from messaging.models import db, direct
from messaging.outbox import claims, delivery, notes
from messaging.providers import smtp

#: In the order in which a message passes them; "…ing" is inside a transaction that is not committed yet.
LABELS = (
    "claiming",
    "claimed",
    "connected",
    "begun",
    "asked",
    "content sent",
    "answered",
    "recording",
    "recorded",
    "giving back",
)
END_OF_CONTENT = b"\r\n.\r\n"


@dataclass
class Fault:
    """Kill this process when it passes `label` for the `countdown`-th time.

    `stop_after`: it is asked to stop after so many looks, and gives back what it has not begun.
    """

    label: str
    countdown: int
    stop_after: int = 1_000

    def asked_to_stop(self) -> bool:
        self.stop_after -= 1
        return self.stop_after < 0

    def reach(self, label: str) -> None:
        if label == self.label:
            self.countdown -= 1
            if self.countdown == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def random_fault(random: Random, messages: int) -> Fault:
    label = random.choice(LABELS)
    once = label in ("claiming", "claimed", "connected", "giving back")
    stop_after = random.randint(2, messages) if label == "giving back" else 1_000
    return Fault(label, 1 if once else random.randint(1, messages), stop_after)


def fork_worker(app: Flask, dispatch_id: int, fault: Fault | None) -> int:
    """Start a worker on the dispatch; returns its process id. No connection of this process may be open."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        if fault is not None:
            install(fault)
        asked = fault.asked_to_stop if fault else lambda: False
        delivery.drain(dispatch_id, lambda: datetime.now(UTC), slice_length=timedelta(seconds=60), stopping=asked)
        status = 0
    finally:
        os._exit(status)


def install(fault: Fault) -> None:
    """Put the fault's eyes on every step. Only ever called in a forked worker, so nothing is put back."""
    claims._items = after(claims._items, lambda *_: fault.reach("claiming"))
    claims.claim = after(claims.claim, lambda *_: fault.reach("claimed"))
    claims.give_back = before(claims.give_back, lambda: fault.reach("giving back"))
    smtp.open_session = after(smtp.open_session, lambda *_: fault.reach("connected"))
    smtp._hand_over = before(smtp._hand_over, lambda: fault.reach("asked"))
    smtplib.SMTP.send = after(smtplib.SMTP.send, lambda _result, _self, sent: content_sent(fault, sent))
    smtp.SmtpConnection.send = after(smtp.SmtpConnection.send, lambda *_: fault.reach("answered"))
    direct.DirectStatement.run = after(direct.DirectStatement.run, lambda _rows, one, *_: recording(fault, one.with_names_of(0)))
    direct.DirectConnection._joined = after(direct.DirectConnection._joined, lambda sql, *_: recording(fault, sql))
    notes.Notes.step = after(notes.Notes.step, lambda _ok, _self, result, following, *_: noted(fault, result, following))


def recording(fault: Fault, sql: str) -> None:
    """A result is written and not committed; on PostgreSQL, where both are one trip, it is about to be."""
    if "UPDATE message" in sql:
        fault.reach("recording")


def content_sent(fault: Fault, sent: bytes | str) -> None:
    if isinstance(sent, bytes) and sent.endswith(END_OF_CONTENT):
        fault.reach("content sent")


def noted(fault: Fault, result: object, following: object) -> None:
    if result is not None:
        fault.reach("recorded")
    if following is not None:
        fault.reach("begun")


def after(function: Callable[..., Any], look: Callable[..., None]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        look(result, *args)
        return result

    return watched


def before(function: Callable[..., Any], look: Callable[[], None]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        look()
        return function(*args, **kwargs)

    return watched


def wait_for_all(children: list[int]) -> int:
    """Wait for every child; returns how many were killed. Any other bad end fails the test."""
    killed = 0
    for child in children:
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            killed += 1
        else:
            assert os.WEXITSTATUS(status) == 0
    return killed
