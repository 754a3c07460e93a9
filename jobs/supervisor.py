"""Keeps programs running: starts them in order, restarts those that end, and ends all of them together.

It knows processes and signals; which programs the house consists of is said in processes.py.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.guardian import end_in_order, living, send

ROOT = Path(__file__).resolve().parent.parent
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY = 0.1  # seconds
# Seconds for a worker to finish the message that it is handing over: longer than a slow mail server takes to answer, because who
# is killed before the answer leaves a message of which nobody knows whether it was sent. The others end at once.
PATIENCE = 90.0


@dataclass(frozen=True)
class Program:
    """One process of the house. `ready` says whether those after it may start; rank 0 is ended last."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] = lambda: True
    rank: int = 1


@dataclass(frozen=True)
class RestartRule:
    """When a program that ended is started again, and when that is given up; times in seconds."""

    pause: float = 1.0
    quick: float = 10.0  # ended sooner than this after its start: a quick death
    most_quick_deaths: int = 5
    ready_within: float = 20.0


class Supervisor:
    def __init__(
        self,
        programs: Iterable[Program],
        environment: Mapping[str, str] | None = None,
        rule: RestartRule | None = None,
        say: Callable[[str], None] = lambda line: print(line, flush=True),
        patience: float = PATIENCE,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self.programs = list(programs)
        self.environment = {**os.environ, **(environment or {})}
        self.rule = rule or RestartRule()
        self.say = say
        self.patience = patience
        self.keep_open = keep_open  # file descriptors that the guardian holds open until everything has ended
        self.running: dict[Program, tuple[subprocess.Popen[bytes], float]] = {}
        self.waiting: dict[Program, float] = {}
        self.quick_deaths: dict[Program, int] = {}
        self.sessions: dict[int, int] = {}
        self.stop_requests = 0
        self.guardian: subprocess.Popen[str] | None = None

    def run(self, announce: Callable[[], None] = lambda: None) -> int:
        """Run all programs until a stop signal or until one cannot be kept running; return the exit status.

        `announce` is called once, when every program is up. Must run in the main thread, because it listens to signals.
        """
        # Under nohup a hang-up is ignored on purpose; it stays so.
        heard = [number for number in STOP_SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
        earlier = {number: signal.signal(number, self._request_stop) for number in heard}
        try:
            self._watch_over_sessions()
            if self._start_all():
                announce()
            while not self.stop_requests and self._look_after_all():
                time.sleep(LOOK_EVERY)
            return 0 if self.stop_requests else 1
        finally:
            self._end_all()
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _start_all(self) -> bool:
        """Start the programs one after the other; False when stopped or given up on the way."""
        for program in self.programs:
            self._start(program)
            deadline = time.monotonic() + self.rule.ready_within
            while not program.ready():
                if self.stop_requests or not self._look_after_all():
                    return False
                if time.monotonic() > deadline:
                    self.say(f"{program.name} antwortet nach {self.rule.ready_within:.0f} Sekunden noch nicht.")
                    break
                time.sleep(LOOK_EVERY)
        return not self.stop_requests

    def _look_after_all(self) -> bool:
        """Notice what ended and start again what is due; False when a program cannot be kept running."""
        self._watch_over_sessions()
        for program, (process, started) in list(self.running.items()):
            if process.poll() is not None and not self._plan_restart(program, process, started):
                return False
        for program, due in list(self.waiting.items()):
            if time.monotonic() >= due:
                del self.waiting[program]
                self._start(program)
        return True

    def _plan_restart(self, program: Program, process: subprocess.Popen[bytes], started: float) -> bool:
        del self.running[program]
        now = time.monotonic()
        quick = now - started < self.rule.quick
        self.quick_deaths[program] = self.quick_deaths.get(program, 0) + 1 if quick else 0
        if self.quick_deaths[program] >= self.rule.most_quick_deaths:
            self.say(
                f"{program.name} endet immer wieder gleich nach dem Start ({how_it_ended(process.returncode)}). "
                "Praxispost hält an. Beheben Sie die Ursache, die darüber steht, und starten Sie neu."
            )
            return False
        self.say(f"{program.name} ist ausgefallen ({how_it_ended(process.returncode)}) und wird neu gestartet.")
        self.waiting[program] = now + self.rule.pause
        return True

    def _start(self, program: Program) -> None:
        # A session of its own: Ctrl-C in the terminal reaches only the supervisor, which then ends the programs in order.
        process = subprocess.Popen(
            program.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.running[program] = process, time.monotonic()
        self.sessions[process.pid] = program.rank
        self._tell_guardian(f"+{process.pid} {program.rank}")

    def _watch_over_sessions(self) -> None:
        """Forget sessions without a living process, and have a guardian that knows the others."""
        led = {process.pid for process, _ in self.running.values()}
        if left_behind := self.sessions.keys() - led:
            still_there = {os.getsid(process) for process in living(left_behind)}
            for session in left_behind - still_there:
                del self.sessions[session]
                self._tell_guardian(f"-{session}")
        if self.guardian is None or self.guardian.poll() is not None:
            self.guardian = start_guardian(self.patience, self.keep_open)
            for session, rank in self.sessions.items():
                self._tell_guardian(f"+{session} {rank}")

    def _tell_guardian(self, line: str) -> None:
        try:
            self.guardian.stdin.write(f"{line}\n")
            self.guardian.stdin.flush()
        except BrokenPipeError:
            self.guardian.wait()  # it was killed; the next look starts another, which hears everything again

    def _request_stop(self, signal_number: int, frame: object) -> None:
        """Stop in order at the first request; at the second do not wait for anything."""
        self.stop_requests += 1
        if self.stop_requests == 2:
            for process in living(self.sessions):
                send(process, signal.SIGKILL)

    def _end_all(self) -> None:
        end_in_order(self.sessions, self.patience, self._tell_who_is_slow)
        for process, _ in self.running.values():
            process.wait()
        if self.guardian is not None:
            self.guardian.stdin.close()
            self.guardian.wait()

    def _tell_who_is_slow(self, sessions: set[int]) -> None:
        names = [program.name for program, (process, _) in self.running.items() if process.pid in sessions]
        whom = ", ".join(names) or "den Rest eines ausgefallenen Programms"
        # A terminal that was closed must not keep the house from ending in order.
        with contextlib.suppress(OSError):
            self.say(
                f"Praxispost hält an und wartet noch auf: {whom}. Was gerade übergeben wird, geht noch zu Ende "
                f"(längstens {self.patience:.0f} Sekunden). Noch einmal Strg+C bricht es ab; "
                "dann kann unklar bleiben, ob einzelne Nachrichten gesendet wurden."
            )


def start_guardian(patience: float, keep_open: tuple[int, ...]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "jobs.guardian", str(patience)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True, start_new_session=True, pass_fds=keep_open)


def how_it_ended(status: int) -> str:
    """Say in German how a process ended, from its return code."""
    return f"Signal {signal.Signals(-status).name}" if status < 0 else f"Status {status}"
