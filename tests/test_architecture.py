"""The floors of the house as a table: who may know whom, and who may reach the outside."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: From the roof to the ground. A room may import rooms of lower floors and itself; rooms of one floor do not know each other.
FLOORS = [
    ["app"],
    ["blueprints"],
    ["jobs"],
    ["messaging.services"],
    ["messaging.outbox"],
    ["messaging.models", "messaging.providers", "messaging.rendering", "messaging.importers"],
    ["messaging.domain"],
]
#: Beside the house: rooms that know nothing of it, and who may know them.
OUTBUILDINGS = {"sandbox": {"jobs", "blueprints", "sandbox"}, "tools": {"tools"}}

#: What a room may import from outside; rooms that are not named may import anything that is not forbidden below.
LIBRARIES_OF_THE_DOMAIN = {"phonenumbers", "email_validator", "nh3"}

#: The core knows neither the web nor the queue.
NOT_IN_THE_CORE = {
    "flask.request",
    "flask.session",
    "flask_login",
    "flask_wtf",
    "flask_htmx",
    "flask_migrate",
    "wtforms",
    "rq",
    "redis",
}

#: Only the providers talk to the outside, and only workers call them; beside them those who stand in for the outside.
REACHES_THE_NETWORK = {
    *("smtplib", "imaplib", "poplib", "ftplib", "socket", "socketserver", "ssl", "http.client", "http.server", "urllib.request"),
    *("requests", "urllib3", "httpx", "aiohttp", "aiosmtpd"),
}
MAY_REACH_THE_NETWORK = {
    "messaging/providers/": REACHES_THE_NETWORK,
    "sandbox/": REACHES_THE_NETWORK,
    "jobs/processes.py": {"socket"},  # looks whether the web port is free, and whether the web server is up
}


def modules():
    for room in ("app.py", "blueprints", "jobs", "messaging", "sandbox", "tools", "migrations"):
        place = ROOT / room
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in modules()}


def complaints(path, source):
    """Name every import of the module at `path` that breaks a rule of this page."""
    here = room_of(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    found = []
    for name in imports(source, path):
        there = room_of(name)
        if there is not None and not may_know(here, there):
            found.append(f"{here} must not know {there} ({name})")
        if here == "messaging.domain" and there is None and top(name) not in sys.stdlib_module_names | LIBRARIES_OF_THE_DOMAIN:
            found.append(f"the domain must not know a library ({name})")
        if path.startswith("messaging/") and matches(name, NOT_IN_THE_CORE):
            found.append(f"the core must not know web and queue ({name})")
        if matches(name, REACHES_THE_NETWORK - allowed_network(path)):
            found.append(f"only providers reach the network ({name})")
    return found


def imports(source, path):
    """Return the dotted names that a module imports anywhere, also inside functions and for type checking."""
    package = path.removesuffix(".py").split("/")[:-1]
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{origin}.{alias.name}" for alias in node.names}
    return sorted(names)


def room_of(name):
    """Return the room that a dotted name lies in, or None for a library."""
    rooms = [room for floor in FLOORS for room in floor] + list(OUTBUILDINGS) + ["messaging", "tests", "migrations"]
    return next((room for room in rooms if f"{name}.".startswith(f"{room}.")), None)


def may_know(here, there):
    if there in OUTBUILDINGS:
        return here in OUTBUILDINGS[there]
    if here in OUTBUILDINGS or here == "migrations" or there in ("tests", "migrations", "app"):
        return here == there
    return here == there or floor_of(here) < floor_of(there)


def floor_of(room):
    """Return how far below the roof a room lies; the bare package `messaging` holds nothing and counts as ground."""
    return next((level for level, rooms in enumerate(FLOORS) if room in rooms), len(FLOORS))


def allowed_network(path):
    return set().union(*(libraries for place, libraries in MAY_REACH_THE_NETWORK.items() if path.startswith(place)))


def matches(name, forbidden):
    return any(f"{name}.".startswith(f"{library}.") for library in forbidden)


def top(name):
    return name.partition(".")[0]


@pytest.mark.parametrize("path", SOURCES)
def test_a_module_knows_only_what_lies_below_it(path):
    assert complaints(path, SOURCES[path]) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("blueprints/search.py", "import app"),
        ("blueprints/search.py", "from app import create_app"),
        ("jobs/send.py", "from blueprints import answers"),
        ("jobs/send.py", "from tools import node"),
        ("jobs/send.py", "import tests.conftest"),
        ("messaging/services/drafts.py", "import rq"),
        ("messaging/services/drafts.py", "from flask import request"),
        ("messaging/services/drafts.py", "from jobs.queues import wake"),
        ("messaging/services/drafts.py", "from messaging import jobs, services\nfrom requests import get"),
        ("messaging/services/drafts.py", "import sandbox"),
        ("messaging/outbox/claims.py", "def claim():\n    from messaging.services import drafts"),
        ("messaging/models/people.py", "from messaging.providers import smtp"),
        ("messaging/models/people.py", "from ..providers import smtp"),
        ("messaging/rendering/mime.py", "from messaging.models.people import Person"),
        ("messaging/rendering/mime.py", "import urllib.request"),
        ("messaging/importers/csv_file.py", "from messaging import models"),
        ("messaging/domain/phone.py", "import flask"),
        ("messaging/domain/phone.py", "from messaging.models import db"),
        ("messaging/domain/phone.py", "from .. import models"),
        ("blueprints/search.py", "import socket"),
        ("jobs/processes.py", "import requests"),
        ("sandbox/mail.py", "from messaging.domain import phone"),
        ("tools/lock.py", "from jobs import clock"),
    ],
)
def test_the_table_notices(path, source):
    assert complaints(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("app.py", "from blueprints import answers\nfrom jobs import cli\nfrom messaging.models import db"),
        ("messaging/services/drafts.py", "from messaging.services import people\nfrom messaging.domain import states"),
        ("messaging/domain/phone.py", "import re\nimport phonenumbers\nfrom .errors import Problem"),
        ("messaging/providers/smtp.py", "import smtplib\nfrom messaging.domain import errors"),
        ("jobs/cli_demo.py", "from sandbox import mail\nimport redis"),
        ("jobs/processes.py", "import socket"),
    ],
)
def test_the_table_allows(path, source):
    assert complaints(path, source) == []
