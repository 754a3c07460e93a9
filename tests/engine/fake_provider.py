"""A mail server that exists only in memory: it answers what a test decided, and things happen while it thinks."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.providers.results import (
    AccountBusy,
    Envelope,
    MisconfiguredError,
    Receipt,
    RejectedError,
    TemporaryError,
    UnknownOutcome,
)
from messaging.providers.smtp import SmtpSettings

_REFERENCE = re.compile(rb"^Message-ID: (<[^>]+>)\r\n", re.MULTILINE)
#: How long one hand-over takes.
TAKES = timedelta(seconds=1)

REFUSALS = {
    "temporary": lambda: TemporaryError("server_busy", "450 later"),
    "rejected": lambda: RejectedError("mailbox_refused", "550 unknown"),
    "misconfigured": lambda: MisconfiguredError("sender_refused", "550 not yours"),
    "busy": lambda: AccountBusy("not_reachable", "refused"),
    "lost": lambda: UnknownOutcome("answer_lost", "timed out"),
}
#: "taken and lost": accepted, but the answer never came; "dies …": the worker is gone.
ANSWERS = ("accepted", *REFUSALS, "taken and lost", "dies before", "dies after")


class WorkerDied(BaseException):
    """The process ends here. Not an Exception: nothing in the program may catch it."""


@dataclass(frozen=True)
class Reply:
    """What comes of one hand-over, and what else happens meanwhile."""

    answer: str = "accepted"
    meanwhile: Callable[[], None] | None = None


@dataclass
class FakeServer:
    """Counts what it accepted, by Message-ID and by address, and when."""

    pass_time: Callable[[timedelta], None]
    now: Callable[[], datetime]
    look: Callable[[Envelope, str], None] = lambda _envelope, _reference: None
    accepted: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    taken_at: list[datetime] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)

    def connect(self, _settings: SmtpSettings) -> FakeConnection:
        return FakeConnection(self)

    def will_say(self, replies: Iterable[Reply]) -> None:
        self.replies = deque(replies)

    def take(self, envelope: Envelope, reference: str) -> None:
        self.accepted[reference] += 1
        self.addresses[envelope.recipient] += 1
        self.taken_at.append(self.now())


class FakeConnection:
    """What `providers.results.Connection` wants."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server

    def send(self, envelope: Envelope) -> Receipt:
        server = self.server
        reference = reference_of(envelope)
        server.look(envelope, reference)
        reply = server.replies.popleft() if server.replies else Reply()
        server.pass_time(TAKES)
        if reply.answer in ("accepted", "taken and lost", "dies after"):
            server.take(envelope, reference)
        if reply.meanwhile:
            reply.meanwhile()
        return conclusion(reply.answer)

    def close(self) -> None:
        """Nothing is open."""


def conclusion(answer: str) -> Receipt:
    if answer.startswith("dies"):
        raise WorkerDied(answer)
    if answer == "taken and lost":
        answer = "lost"
    if answer in REFUSALS:
        raise REFUSALS[answer]()
    return Receipt("250 kept")


def reference_of(envelope: Envelope) -> str:
    found = _REFERENCE.search(envelope.content)
    assert found is not None
    return found[1].decode()
