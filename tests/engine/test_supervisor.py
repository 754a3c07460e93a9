"""The house keeps its programs running and leaves none behind, however it ends. Real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from jobs.guardian import end_sessions, is_zombie, living
from jobs.supervisor import PATIENCE
from messaging.providers.smtp import CONTENT_SECONDS

ROOT = Path(__file__).resolve().parents[2]
WAIT = 20  # seconds until a test gives up; nothing is measured

# A program that works as RQ's worker does: a forked child in a process group of its own.
WORKER = """
import os, signal, sys, time
log = open(sys.argv[1], "a", buffering=1)
name = sys.argv[2]
def stop(number, frame):
    log.write(f"{name} ends\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
child = os.fork()
if child == 0:
    os.setpgrp()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
log.write(f"{name} {os.getpid()} {child}\\n")
time.sleep(600)
"""
# What a worker does that hands a message over to a slow server: it ends, but not at once.
SLOW = """
import signal, sys, time
log = open(sys.argv[1], "a", buffering=1)
def stop(number, frame):
    time.sleep(1)
    log.write("handed over\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
log.write("began\\n")
time.sleep(600)
"""
# A worker whose child does the same; it is killed, and the child is left alone.
LEFT_ALONE = f"""
import os, sys, time
if os.fork() == 0:
    os.setpgrp()
    exec({SLOW!r})
time.sleep(600)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
SHORT_LIVED = "import sys; open(sys.argv[1], 'a').write('started\\n'); sys.exit(3)"

DRIVER = """
import sys
from jobs import guardian
from jobs.supervisor import Program, RestartRule, Supervisor
programs, rule, patience = {programs}, {rule}, {patience}
guardian.SLOW_AFTER = 0.2
programs = [Program(name, command, rank=rank) for name, command, rank in programs]
house = Supervisor(programs, rule=RestartRule(**rule), patience=patience)
sys.exit(house.run(lambda: print("all up", flush=True)))
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def start():
    """Start a supervisor in a process of its own; whatever is left of it is ended after the test."""
    started = []

    def start_supervisor(programs, patience=0.3, **rule):
        programs = [row if len(row) == 3 else (*row, 1) for row in programs]
        script = DRIVER.format(programs=programs, rule={"pause": 0.05, **rule}, patience=patience)
        house = subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(house)
        return house

    yield start_supervisor
    for house in started:
        if house.poll() is None:
            house.kill()
        house.wait()
        house.stdout.close()
        end_sessions([house.pid], patience=0)


def worker(log, name="worker"):
    return (sys.executable, "-c", WORKER, str(log), name)


def until(condition):
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError("did not come true in time")


def lines_of(log, count):
    """Wait for that many lines in the log, and return them."""
    return until(lambda: len(lines := log.read_text().splitlines()) >= count and lines)


def gone(*processes):
    return until(lambda: not any(is_running(process) for process in processes))


def is_running(process):
    return not is_zombie(process)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_nothing_is_left_running_when_the_house_ends_by(how, start, log):
    house = start([("worker", worker(log)), ("stubborn", (sys.executable, "-c", STUBBORN))])
    _, leader, child = lines_of(log, 1)[0].split()
    assert house.stdout.readline() == "all up\n"
    others = [process.pid for process in psutil.Process(house.pid).children(recursive=True)]
    assert {int(leader), int(child)} < set(others)

    house.send_signal(signal.Signals[how])

    gone(*others)
    assert house.wait(WAIT) == (-signal.SIGKILL if how == "SIGKILL" else 0)


def test_what_the_others_rest_on_ends_last(start, log):
    house = start([("redis", worker(log, "redis"), 0), ("worker", worker(log, "worker"), 1)])
    lines_of(log, 2)

    house.terminate()

    house.wait(WAIT)
    assert [line for line in log.read_text().splitlines() if line.endswith("ends")] == ["worker ends", "redis ends"]


def test_a_program_that_was_killed_is_started_again(start, log):
    house = start([("worker", worker(log))])
    first = int(lines_of(log, 1)[0].split()[1])

    os.kill(first, signal.SIGKILL)

    second = int(lines_of(log, 2)[1].split()[1])
    assert second != first
    house.stdout.readline()
    assert house.stdout.readline() == "worker ist ausgefallen (Signal SIGKILL) und wird neu gestartet.\n"


def test_the_orphan_of_a_killed_program_is_ended_with_the_house(start, log):
    house = start([("worker", worker(log))])
    _, leader, orphan = lines_of(log, 1)[0].split()
    os.kill(int(leader), signal.SIGKILL)
    lines_of(log, 2)
    assert is_running(int(orphan))

    house.terminate()

    gone(int(orphan))


def test_a_program_that_dies_at_once_five_times_ends_the_house_with_a_reason(start, log):
    house = start([("web", (sys.executable, "-c", SHORT_LIVED, str(log)))])

    said, _ = house.communicate(timeout=WAIT)

    assert house.returncode == 1
    assert log.read_text().splitlines() == ["started"] * 5
    assert "web endet immer wieder gleich nach dem Start (Status 3). Praxispost hält an." in said


def test_a_program_that_lived_long_enough_may_end_as_often_as_it_likes(start, log):
    house = start([("web", (sys.executable, "-c", SHORT_LIVED, str(log)))], quick=0.0)

    lines_of(log, 7)

    assert house.poll() is None


def test_a_guardian_that_was_killed_is_replaced_and_knows_everything(start, log):
    house = start([("worker", worker(log))])
    _, leader, child = lines_of(log, 1)[0].split()
    guardian = guardian_of(house)
    guardian.kill()
    guardian.wait(WAIT)
    until(lambda: guardian_of(house) not in (None, guardian))
    time.sleep(0.3)  # it is there a moment before it is told

    house.kill()

    gone(int(leader), int(child))


def test_a_second_interrupt_does_not_wait_for_the_patient_ones(start, log):
    house = start([("stubborn", (sys.executable, "-c", STUBBORN))], patience=600)
    assert house.stdout.readline() == "all up\n"
    house.send_signal(signal.SIGINT)
    time.sleep(0.2)

    house.send_signal(signal.SIGINT)

    assert house.wait(WAIT) == 0


def test_a_hand_over_is_finished_and_the_terminal_told_what_is_waited_for(start, log):
    house = start([("Versandprozess 1", (sys.executable, "-c", SLOW, str(log)))], patience=WAIT)
    lines_of(log, 1)

    house.terminate()

    said, _ = house.communicate(timeout=WAIT)
    assert log.read_text().splitlines() == ["began", "handed over"]
    assert said.count("Praxispost hält an und wartet noch auf: Versandprozess 1.") == 1
    assert "Noch einmal Strg+C bricht es ab" in said


def test_a_terminal_that_is_gone_does_not_keep_a_hand_over_from_being_finished(start, log):
    house = start([("worker", (sys.executable, "-c", SLOW, str(log)))], patience=WAIT)
    lines_of(log, 1)
    assert house.stdout.readline() == "all up\n"
    house.stdout.close()

    house.send_signal(signal.SIGHUP)

    house.wait(WAIT)
    assert log.read_text().splitlines() == ["began", "handed over"]


def test_a_child_whose_worker_was_killed_is_asked_to_end_too(start, log):
    house = start([("worker", (sys.executable, "-c", LEFT_ALONE, str(log)))], patience=WAIT, pause=600)
    lines_of(log, 1)
    leader = next(child for child in psutil.Process(house.pid).children() if str(log) in child.cmdline())
    leader.kill()
    until(lambda: "worker ist ausgefallen" in house.stdout.readline())

    house.terminate()

    assert house.wait(WAIT) == 0
    assert log.read_text().splitlines() == ["began", "handed over"]


def test_a_guardian_lets_a_hand_over_be_finished_too(start, log):
    house = start([("worker", (sys.executable, "-c", SLOW, str(log)))], patience=WAIT)
    lines_of(log, 1)

    house.kill()

    assert lines_of(log, 2)[1] == "handed over"


def test_the_house_has_more_patience_than_a_mail_server_may_take_to_answer():
    assert PATIENCE > CONTENT_SECONDS + 10


def test_sessions_without_processes_are_no_trouble():
    assert living([2**22 + 1]) == []
    end_sessions([2**22 + 1], patience=0)


def guardian_of(house):
    children = [child for child in psutil.Process(house.pid).children() if is_running(child.pid)]
    return next((child for child in children if "jobs.guardian" in child.cmdline()), None)
