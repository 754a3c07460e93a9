"""Which programs make up a house, and what stops one from starting beside another."""

import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from jobs import embedded_redis, processes
from jobs.processes import HouseNotStarted, hold_data_folder, programs, require_free_port, run_house, somebody_listens

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


#: What stands in for the commands of the house; each hears its data folder and its port as the real ones do.
STAND_INS = {
    "redis": "from jobs.embedded_redis import run; run(Path(os.environ['PRAXISPOST_HOME']))",
    "web": "from http.server import *; "
    "HTTPServer(('127.0.0.1', int(os.environ['PORT'])), SimpleHTTPRequestHandler).serve_forever()",
}
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def stand_ins(monkeypatch):
    def command(name):
        return sys.executable, "-c", f"import os; from pathlib import Path; {STAND_INS.get(name, SLEEP)}"

    monkeypatch.setattr(processes, "flask", command)
    monkeypatch.delenv("REDIS_URL", raising=False)


def commands(own_redis, sandbox):
    return [program.command[-1] for program in programs(Path("home"), 8000, own_redis=own_redis, sandbox=sandbox)]


@pytest.mark.parametrize(
    ("own_redis", "sandbox", "expected"),
    [
        (True, True, ["redis", "sandbox", "web", "worker", "worker", "scheduler"]),
        (True, False, ["redis", "web", "worker", "worker", "scheduler"]),
        (False, False, ["web", "worker", "worker", "scheduler"]),
    ],
)
def test_a_house_has_these_programs_in_this_order(own_redis, sandbox, expected):
    assert commands(own_redis, sandbox) == expected


def test_a_house_is_announced_when_all_of_it_is_up_and_stops_when_it_is_told_to(free_port, tmp_path, stand_ins):
    seen = []

    def announce():
        seen.append((embedded_redis.answers(tmp_path), somebody_listens(free_port)))
        os.kill(os.getpid(), signal.SIGTERM)

    status = run_house(tmp_path, free_port, announce=announce)

    assert status == 0
    assert seen == [(True, True)]
    assert not embedded_redis.answers(tmp_path)
    assert not somebody_listens(free_port)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_only_redis_is_something_the_others_rest_on():
    ranks = {program.name: program.rank for program in programs(Path("home"), 8000, own_redis=True, sandbox=True)}

    assert ranks.pop("Redis") == 0
    assert set(ranks.values()) == {1}


def test_the_procfile_runs_the_same_programs_as_make_run():
    in_procfile = re.findall(r"^\w+: .*--app app (\w+)$", (ROOT / "Procfile").read_text(), re.M)

    assert set(in_procfile) == set(commands(own_redis=True, sandbox=False))


def test_a_taken_port_is_named_before_anything_starts(taken_port, tmp_path):
    with pytest.raises(HouseNotStarted, match=rf"Der Port {taken_port} ist auf diesem Rechner belegt.*PORT={taken_port + 1}\."):
        run_house(tmp_path, taken_port)

    assert list(tmp_path.iterdir()) == []


def test_a_free_port_is_left_free(free_port):
    require_free_port(free_port)
    require_free_port(free_port)

    assert not somebody_listens(free_port)


def test_a_web_server_that_is_up_is_noticed(taken_port):
    assert somebody_listens(taken_port)


def test_one_data_folder_serves_one_house(free_port, tmp_path):
    lock = hold_data_folder(tmp_path)

    with pytest.raises(HouseNotStarted, match=f"Praxispost läuft schon mit dem Datenordner {tmp_path}"):
        run_house(tmp_path, free_port)

    os.close(lock)
    os.close(hold_data_folder(tmp_path))


def test_without_redis_the_house_says_so_and_frees_the_data_folder(free_port, tmp_path, monkeypatch):
    def not_there(home):
        raise processes.embedded_redis.RedisNotAvailable("Auf diesem Rechner fehlt redis-server.")

    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr(processes.embedded_redis, "prepare", not_there)

    with pytest.raises(HouseNotStarted, match="fehlt redis-server"):
        run_house(tmp_path, free_port)

    os.close(hold_data_folder(tmp_path))
