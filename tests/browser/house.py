"""The whole house for the browser tests: `flask --app app demo` as it is, in a folder and on ports of its own.

Real web server, real workers, a real Redis, and the sandbox as the mail server. It is started once for all tests.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

from flask import Flask

from app import create_app
from jobs.cli_sandbox import PORT_OFFSET
from messaging.models import db
from sandbox import mailbox
from sandbox.mailbox import KeptMail, Mailbox

ROOT = Path(__file__).parents[2]
RUNNING = "Praxispost läuft"
#: Far more than a loaded machine needs; nothing waits that long when it works.
START_SECONDS, STOP_SECONDS = 180, 60
#: Below those that the system gives to outgoing connections: one of them might take the sandbox's port meanwhile.
PORTS = range(20_000, 30_000, 2 * PORT_OFFSET)
#: Settings of the person who runs the tests; this house has its own.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "PRAXISPOST_SECRET_KEY_FILE", "FLASK_DEBUG")


@dataclass(frozen=True)
class House:
    """A running house. `app` reads and writes the same data folder, for what a test prepares or looks up."""

    address: str
    home: Path
    app: Flask

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.home / mailbox.FOLDER)

    def mails_about(self, day: date) -> list[KeptMail]:
        """What arrived with this day in its subject; every test has a day of its own, others may still be sending."""
        return [mail for mail in self.mailbox.mails() if f"{day:%d.%m.%Y}" in str(mail.message["Subject"])]

    def now(self) -> datetime:
        return self.app.config["CLOCK"]()

    def command(self, *words: str) -> str:
        """Run a command of the CLI on this house; it must succeed."""
        with self.app.app_context():
            done = self.app.test_cli_runner().invoke(args=words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output


@contextmanager
def running(home: Path) -> Iterator[House]:
    """A house with the demo practice, until the block ends."""
    port = free_pair_of_ports()
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"PRAXISPOST_HOME": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    home.mkdir(parents=True)
    with (home / "house.log").open("w+", encoding="utf-8") as log:
        program = subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "demo"], cwd=ROOT, env=environment, stdout=log,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        try:
            wait_until_it_runs(program, log)
            with reader(home) as app:
                yield House(f"http://127.0.0.1:{port}", home, app)
        finally:
            stop(program)


@contextmanager
def reader(home: Path) -> Iterator[Flask]:
    app = create_app({"HOME": home, "SQLALCHEMY_DATABASE_URI": "", "REDIS_URL": "", "SECRET_KEY_FILE": ""})
    yield app
    with app.app_context():
        db.engine.dispose()


def free_pair_of_ports() -> int:
    """A port for the web server, with the sandbox's port free too."""
    return next(port for port in PORTS if is_free(port) and is_free(port + PORT_OFFSET))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def wait_until_it_runs(program: subprocess.Popen[bytes], log: IO[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        log.seek(0)
        told = log.read()
        if RUNNING in told:
            return
        assert program.poll() is None, told
        assert time.monotonic() < deadline, f"the house did not start: {told}"
        time.sleep(0.1)


def stop(program: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does it; the house ends everything that it started."""
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
    try:
        program.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
        raise
