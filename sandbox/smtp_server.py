"""A real SMTP server on loopback that keeps what it gets, with addresses and log-ins that misbehave on purpose.

| recipient              | what happens                                             |
|------------------------|----------------------------------------------------------|
| …@abgelehnt.invalid    | refused for good (550)                                   |
| …@spaeter.invalid      | refused for now (451)                                    |
| …@abbruch.invalid      | accepted and kept, then the connection drops, no answer  |
| …@langsam.invalid      | answered after two seconds                               |

| user name              | what happens                                             |
|------------------------|----------------------------------------------------------|
| any, password "falsch" | log-in refused (535)                                     |
| limit5 (any number)    | after five messages a connection gets 421                |
"""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import SSLContext
from threading import Thread
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.mailbox import Mailbox

HOST = "127.0.0.1"
SLOW_SECONDS = 2.0
MAX_BYTES = 33_554_432
WRONG_PASSWORD = "falsch"

REFUSED, LATER, DROPPED, SLOW = "abgelehnt.invalid", "spaeter.invalid", "abbruch.invalid", "langsam.invalid"
_LIMITED_USER = re.compile(r"limit(\d+)")


class SandboxHandler:
    """aiosmtpd's hooks."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        limit = _LIMITED_USER.fullmatch(user_of(session))
        if limit and getattr(session, "taken", 0) >= int(limit.group(1)):
            return "421 4.7.0 Too many messages over this connection"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        domain = address.rpartition("@")[2].lower()
        if domain == REFUSED:
            return "550 5.1.1 No such mailbox here"
        if domain == LATER:
            return "451 4.7.1 Please try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        domains = {address.rpartition("@")[2].lower() for address in envelope.rcpt_tos}
        if SLOW in domains:
            await asyncio.sleep(SLOW_SECONDS)
        content = envelope.original_content or b""
        self.mailbox.keep(envelope.mail_from or "", tuple(envelope.rcpt_tos), user_of(session), content)
        session.taken = getattr(session, "taken", 0) + 1  # type: ignore[attr-defined]
        if DROPPED in domains and server.transport:
            server.transport.abort()
            raise ConnectionResetError("dropped on purpose")
        return "250 OK kept"


def user_of(session: Session) -> str:
    return session.auth_data.decode() if isinstance(session.auth_data, bytes) else ""


def check_password(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    """Every log-in is welcome but the one with the wrong password."""
    if not isinstance(data, LoginPassword) or data.password.decode() == WRONG_PASSWORD:
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data.login)


def protocol(mailbox: Mailbox, **options: Any) -> SMTP:
    """One connection's server. Without TLS, log-in is allowed: it listens on loopback only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # aiosmtpd warns of log-in without TLS, which is meant here
        return SMTP(
            SandboxHandler(mailbox),
            hostname="testausgang.invalid",
            ident="Praxispost Testausgang",
            authenticator=check_password,
            auth_require_tls=options.pop("auth_require_tls", False),
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            **options,
        )


async def serve(mailbox: Mailbox, port: int, ready: Any = None, tls: SSLContext | None = None, **options: Any) -> None:
    """Serve until cancelled; `ready(port)` is called once it listens. With `tls` connections are encrypted from the start."""
    loop = asyncio.get_running_loop()
    connections: WeakSet[SMTP] = WeakSet()

    def connect() -> SMTP:
        connections.add(connection := protocol(mailbox, **options))
        return connection

    server = await loop.create_server(connect, HOST, port, ssl=tls)
    if ready:
        ready(server.sockets[0].getsockname()[1])
    async with server:
        try:
            await server.serve_forever()
        finally:
            for connection in connections:
                if connection.transport:
                    connection.transport.abort()


def run(folder: Path, port: int) -> None:
    """The sandbox process."""
    asyncio.run(serve(Mailbox(folder), port))


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[int]:
    """A server in a thread of its own, for tests; yields its port."""
    loop = asyncio.new_event_loop()
    started: asyncio.Future[int] = loop.create_future()
    task = loop.create_task(serve(Mailbox(folder), 0, started.set_result, **options))
    thread = Thread(target=_run_until_cancelled, args=(loop, task), daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(_value(started), loop).result(timeout=10)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=10)


async def _value(future: asyncio.Future[int]) -> int:
    return await future


def _run_until_cancelled(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.run_until_complete(_end_the_rest())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _end_the_rest() -> None:
    """Somebody may still wait for a slow answer."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
