"""The programs that make up a running house, for `make run`, `make demo` and the Procfile.

Each is a command of the CLI, so that honcho or systemd can run them just as well. How they are kept running is said in
supervisor.py; what they do, in the modules of their own.
"""

import fcntl
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from jobs import embedded_redis
from jobs.supervisor import Program, Supervisor

# A long import must not keep messages waiting.
WORKERS = 2


class HouseNotStarted(RuntimeError):
    """Praxispost cannot start here; the message is a German sentence with the cure."""


def run_house(
    home: Path,
    port: int,
    *,
    sandbox: bool = False,
    environment: Mapping[str, str] | None = None,
    announce: Callable[[], None] = lambda: None,
) -> int:
    """Run Praxispost with the data folder `home` until Ctrl-C or SIGTERM, and return the exit status.

    `environment` is added to that of every program; `announce` is called once the web server answers.
    Raises HouseNotStarted when the port is taken, the data folder is in use or there is no Redis.
    """
    require_free_port(port)
    home = home.resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = hold_data_folder(home)
    own = {"PRAXISPOST_HOME": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    try:
        own_redis = not os.environ.get("REDIS_URL")
        if own_redis:
            require_redis(home)
        chosen = programs(home, port, own_redis=own_redis, sandbox=sandbox)
        return Supervisor(chosen, {**own, **(environment or {})}, keep_open=(lock,)).run(announce)
    finally:
        os.close(lock)


def programs(home: Path, port: int, *, own_redis: bool, sandbox: bool) -> list[Program]:
    """Return the programs of a house in the order in which they start."""
    redis = Program("Redis", flask("redis"), ready=lambda: embedded_redis.answers(home), rank=0)
    return [
        *([redis] if own_redis else []),
        *([Program("Testausgang", flask("sandbox"))] if sandbox else []),
        Program("Webserver", flask("web"), ready=lambda: somebody_listens(port)),
        *(Program(f"Versandprozess {number}", flask("worker")) for number in range(1, WORKERS + 1)),
        Program("Zeitgeber", flask("scheduler")),
    ]


def flask(command: str) -> tuple[str, ...]:
    return sys.executable, "-m", "flask", "--app", "app", command


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        # Without this, a port that was closed a moment ago would still count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as problem:
            raise HouseNotStarted(
                f"Der Port {port} ist auf diesem Rechner belegt oder gesperrt. Wählen Sie einen anderen, etwa PORT={port + 1}."
            ) from problem


def require_redis(home: Path) -> None:
    try:
        embedded_redis.prepare(home)
    except embedded_redis.RedisNotAvailable as problem:
        raise HouseNotStarted(str(problem)) from problem


def somebody_listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def hold_data_folder(home: Path) -> int:
    """Lock the data folder and return the descriptor that holds the lock; the guardian inherits it."""
    descriptor = os.open(home / "praxispost.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        os.close(descriptor)
        raise HouseNotStarted(
            f"Praxispost läuft schon mit dem Datenordner {home} oder hält gerade an. Beenden Sie es, und starten Sie dann neu."
        ) from taken
    return descriptor
