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
from collections.abc import Iterable, Mapping
from typing import TextIO

import psutil

LAST_PATIENCE = 2.0  # seconds to go after a second request


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


def end_in_order(sessions: Mapping[int, int], patience: float) -> None:
    """End the sessions, those of the highest rank first: what others rest on (rank 0) goes last."""
    for rank in sorted(set(sessions.values()), reverse=True):
        end_sessions([session for session, its_rank in sessions.items() if its_rank == rank], patience)


def end_sessions(sessions: Iterable[int], patience: float) -> None:
    """Ask the sessions to end, wait `patience` seconds, ask once more, then kill what is left of them."""
    sessions = set(sessions)
    # A worker of RQ finishes its job at the first request and drops it at the second.
    for seconds in (patience, min(patience, LAST_PATIENCE)):
        for leader in sessions & set(living(sessions)):
            send(leader, signal.SIGTERM)
        if gone_within(seconds, sessions):
            return
    while left := living(sessions):
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(0.05)


def gone_within(seconds: float, sessions: set[int]) -> bool:
    deadline = time.monotonic() + seconds
    while living(sessions):
        if time.monotonic() >= deadline:
            return False
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
