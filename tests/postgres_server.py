"""A PostgreSQL of the tests: a cluster in a temporary folder on a Unix socket, a fresh database for each test from a template."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from messaging.models import db

TEMPLATE = "praxispost_template"
#: PostgreSQL refuses to run as root; Debian's package brings this user.
SERVER_USER = "postgres"
#: Copying a database for each test is ten times faster here than on a disk.
MEMORY = Path("/dev/shm")


def server_programs() -> Path | None:
    """The folder of initdb and postgres; None when there is none on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class PostgresServer:
    """A running cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SERVER_USER}@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user={SERVER_USER} dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def make_template(self) -> None:
        """All tables, made once."""
        self.run(f"CREATE DATABASE {TEMPLATE}")
        engine = create_engine(self.url(TEMPLATE))
        db.metadata.create_all(engine)
        engine.dispose()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty practice, gone afterwards."""
        name = f"practice_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running(programs: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a cluster and stop it at the end. Tests kill workers, not machines, and need no fsync; benchmarks do (`durable`)."""
    memory = MEMORY if MEMORY.is_dir() and not durable else None
    with tempfile.TemporaryDirectory(prefix="pg", dir=memory) as base:
        folder = Path(base)
        _own(folder)
        data = folder / "data"
        _as_server_user(
            [str(programs / "initdb"), "-D", str(data), "-U", SERVER_USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync={'on' if durable else 'off'} -c max_connections=60"
        control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        _as_server_user([*control, "-o", options, "start"])
        try:
            server = PostgresServer(folder)
            server.make_template()
            yield server
        finally:
            _as_server_user([*control, "-m", "immediate", "stop"])


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, SERVER_USER)


def _as_server_user(command: list[str]) -> None:
    user = SERVER_USER if os.geteuid() == 0 else None
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
