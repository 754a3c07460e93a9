"""Where the sandbox keeps what it got ("Testausgang"): one file per mail, the envelope in its first line.

Readable while it is written to.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

FOLDER = "testausgang"
_counter = itertools.count()


@dataclass(frozen=True, slots=True)
class KeptMail:
    """One mail as it arrived. `recipients` are those of the envelope; `at` is Unix time."""

    name: str
    sender: str
    recipients: tuple[str, ...]
    account: str
    at: float
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class Mailbox:
    """A folder of kept mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, sender: str, recipients: tuple[str, ...], account: str, content: bytes) -> None:
        """Write under another name first: a reader never sees half a mail."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(_counter):06d}"
        envelope = {"sender": sender, "recipients": recipients, "account": account, "at": time.time()}
        half = self.folder / f".{name}"
        half.write_bytes(json.dumps(envelope).encode() + b"\n" + content)
        half.rename(self.folder / f"{name}.eml")

    def names(self) -> list[str]:
        """Newest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def mail(self, name: str) -> KeptMail | None:
        """The mail of this name; None when there is none."""
        path = self.folder / f"{Path(name).name}.eml"
        if not path.is_file():
            return None
        first, _, content = path.read_bytes().partition(b"\n")
        envelope = json.loads(first)
        return KeptMail(
            path.stem, envelope["sender"], tuple(envelope["recipients"]), envelope["account"], envelope["at"], content
        )

    def mails(self) -> Iterator[KeptMail]:
        """All mails, newest first."""
        for name in self.names():
            kept = self.mail(name)
            if kept:
                yield kept

    def empty(self) -> None:
        for path in self.folder.glob("*.eml"):
            path.unlink()
