"""An SMTP server on loopback that says exactly what a test wrote down, and remembers what it heard."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
PATIENCE = 30.0


class Silence(Enum):
    """What a server does that does not answer."""

    DROP = "closes the connection"
    HANG = "keeps it open and says nothing"


Answer = str | Silence

GOOD: Mapping[str, Answer] = {
    "banner": "220 mail.example.org ready",
    "helo": "250 mail.example.org",
    "starttls": "220 2.0.0 go ahead",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 sender fine",
    "rcpt": "250 2.1.5 recipient fine",
    "data": "354 go ahead",
    "content": "250 2.0.0 queued as 4711",
    "rset": "250 2.0.0 forgotten",
    "quit": "221 2.0.0 bye",
}


@dataclass(frozen=True)
class Script:
    """What one connection is like: answers that differ from `GOOD`, and the extensions it offers.

    `gives_up`: after so many bytes of the first content it takes no more, and closes the connection or leaves it open.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    offers: Sequence[str] = ("PIPELINING", "AUTH PLAIN LOGIN", "SIZE 33554432")
    gives_up: tuple[int, Silence] | None = None

    def answer(self, step: str) -> Answer:
        if step == "ehlo" and "ehlo" not in self.answers:
            lines = ["mail.example.org", *self.offers]
            return "\r\n".join(f"250{'-' if line != lines[-1] else ' '}{line}" for line in lines)
        return self.answers.get(step, GOOD.get(step, "500 5.5.1 what?"))


class ScriptedServer:
    """Each connection follows the next script, all further ones the last. `heard`: the lines, `contents`: the mails."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None, from_the_start: bool = False) -> None:
        self._scripts = scripts or (Script(),)
        self._tls, self._from_the_start = tls, from_the_start
        self.heard: list[str] = []
        self.contents: list[bytes] = []
        self.connections = 0
        self._over = Event()

    def __enter__(self) -> ScriptedServer:
        self._listener = socket.create_server((HOST, 0))
        if any(script.gives_up for script in self._scripts):  # else the system takes what the script does not
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes a waiting accept
        self._listener.close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                connection.settimeout(PATIENCE)
                self._talk(connection, script)

    def _talk(self, connection: socket.socket, script: Script) -> None:
        try:
            if self._tls and self._from_the_start:
                connection = self._tls.wrap_socket(connection, server_side=True)
            if not say(connection, script.answer("banner")):
                return
            while self._listen(connection, script):
                assert self._tls is not None
                connection = self._tls.wrap_socket(connection, server_side=True)
        finally:
            connection.close()

    def _listen(self, connection: socket.socket, script: Script) -> bool:
        """Answer line by line; True when TLS begins now."""
        with connection.makefile("rb") as lines:
            for line in lines:
                step = self._step(line)
                if not say(connection, script.answer(step)):
                    return False
                if step == "starttls" and self._tls and str(script.answer(step)).startswith("220"):
                    return True
                if step == "quit":
                    return False
                if step == "data" and str(script.answer(step)).startswith("354"):
                    if script.gives_up:
                        self._give_up(lines, *script.gives_up)
                        return False
                    self.contents.append(read_content(lines))
                    if not say(connection, script.answer("content")):
                        return False
        return False

    def _give_up(self, lines: BinaryIO, taken: int, how: Silence) -> None:
        lines.read(taken)
        if how is Silence.HANG:
            self._over.wait(PATIENCE)

    def _step(self, line: bytes) -> str:
        words = line.decode("utf-8", "replace").rstrip("\r\n")
        self.heard.append(words)
        return words.split()[0].lower() if words.split() else ""


def say(connection: socket.socket, answer: Answer) -> bool:
    """Whether the connection is still good for more; after 421 it is closed, as servers do."""
    if answer is Silence.DROP:
        return False
    if answer is Silence.HANG:
        while connection.recv(65_536):
            pass
        return False
    connection.sendall(f"{answer}\r\n".encode())
    return not str(answer).startswith("421")


def read_content(lines: BinaryIO) -> bytes:
    content = []
    for line in lines:
        if line == b".\r\n":
            break
        content.append(line)
    return b"".join(content)


def certificate_files(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for `name` (a host name or an address) and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative: Any = x509.DNSName(name) if name[0].isalpha() else x509.IPAddress(ip_address(name))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def server_context(files: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*files)
    return context
