"""Ends what the supervisor started, when the supervisor itself was killed and could not.

It is a process of its own, beside the supervisor and out of reach of the terminal, and reads from a pipe which sessions
there are: a line "+SESSION RANK" for each that begins, "-SESSION" for each that is over. The pipe closes when the supervisor is
gone, however it went. Nothing of the program is imported here.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

import psutil

LAST_PATIENCE = 2.0  # seconds to go after a second request
SLOW_AFTER = 2.0  # seconds until it is told who is waited for

Tell = Callable[[set[int]], None]


def tell_nobody(_sessions: set[int]) -> None:
    """The guardian is out of reach of the terminal."""


def main() -> None:
    end_in_order(sessions_told(sys.stdin), patience=float(sys.argv[1]))


def sessions_told(lines: TextIO) -> dict[int, int]:
    """Read until the pipe closes; return the sessions that are left, with the rank of each."""
    sessions: dict[int, int] = {}
    for line in lines:
        if line.startswith("+"):
            session, rank = line[1:].split()
            sessions[int(session)] = int(rank)
        elif line.startswith("-"):
            sessions.pop(int(line[1:]), None)
    return sessions


def end_in_order(sessions: Mapping[int, int], patience: float, tell: Tell = tell_nobody) -> None:
    """End the sessions, those of the highest rank first: what others rest on (rank 0) goes last. `tell` hears who is slow."""
    for rank in sorted(set(sessions.values()), reverse=True):
        end_sessions([session for session, its_rank in sessions.items() if its_rank == rank], patience, tell)


def end_sessions(sessions: Iterable[int], patience: float, tell: Tell = tell_nobody) -> None:
    """Ask the sessions to end, wait `patience` seconds, ask once more, then kill what is left of them."""
    sessions = set(sessions)
    # A worker of RQ finishes its job at the first request and drops it at the second.
    for seconds in (patience, min(patience, LAST_PATIENCE)):
        for process in to_be_asked(sessions):
            send(process, signal.SIGTERM)
        if gone_within(seconds, sessions, tell):
            return
    while left := living(sessions):
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(0.05)


def to_be_asked(sessions: set[int]) -> list[int]:
    """The leaders, who tell their children; and the children whose leader is gone: nobody else would tell them."""
    left = living(sessions)
    return [process for process in left if process in sessions or session_of(process) not in left]


def gone_within(seconds: float, sessions: set[int], tell: Tell) -> bool:
    began, told = time.monotonic(), False
    while left := living(sessions):
        waited = time.monotonic() - began
        if waited >= seconds:
            return False
        if waited >= SLOW_AFTER and not told:
            told = True
            tell({session for process in left if (session := session_of(process))})
        time.sleep(0.05)
    return True


def living(sessions: Iterable[int]) -> list[int]:
    """Return the processes of the sessions, also those whose parent is gone already; not those that only wait to be reaped."""
    sessions = set(sessions)
    return [process for process in psutil.pids() if session_of(process) in sessions and not is_zombie(process)]


def session_of(process: int) -> int | None:
    try:
        return os.getsid(process)
    except (ProcessLookupError, PermissionError):
        return None


def is_zombie(process: int) -> bool:
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def send(process: int, signal_number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal_number)


if __name__ == "__main__":
    main()
