"""What a provider can answer: a receipt, or one of four errors. Every adapter speaks this language and no other.

temporary: surely not taken over, may work later. rejected: this recipient or text never will. misconfigured: account, key or
sender;
the whole dispatch stops. unknown: perhaps written completely, answer lost; never resent by itself. `code` is one of
domain.reasons;
`detail` is for the log and "Details", already redacted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    BUSY = "busy"  # temporary too, but nothing was said about this message
    REJECTED = "rejected"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message over; `detail` is what it said."""

    detail: str = ""


class ProviderError(Exception):
    """A message was not, or not surely, taken over."""

    outcome: ClassVar[Outcome]

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class TemporaryError(ProviderError):
    outcome = Outcome.TEMPORARY


class AccountBusy(TemporaryError):
    """Temporary for the whole account, not for this message: no connection, throttled log-in.

    The rest waits instead of failing too.
    """

    outcome = Outcome.BUSY


class ConnectionUsedUp(TemporaryError):
    """The other side wants a new connection before it takes more (421). Reconnecting helps if anything was accepted before."""


class RejectedError(ProviderError):
    outcome = Outcome.REJECTED


class MisconfiguredError(ProviderError):
    outcome = Outcome.MISCONFIGURED


class UnknownOutcome(ProviderError):
    outcome = Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message for one recipient, ready for the wire. `content` has CRLF line ends."""

    sender: str
    recipient: str
    content: bytes


class Connection(Protocol):
    """An open way to a provider. `send` raises a ProviderError or returns the receipt; `close` never raises."""

    def send(self, envelope: Envelope) -> Receipt: ...

    def close(self) -> None: ...
