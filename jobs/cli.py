"""The command line: `flask --app app …`. Each group is one module `jobs/cli_*.py`; this one registers them."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

GROUPS = (
    "cli_users",
    "cli_imports",
    "cli_checks",
    "cli_dispatches",
    "cli_processes",
    "cli_sandbox",
    "cli_demo",
    "cli_egress",
    "cli_backup",
)


def init_app(app: Flask) -> None:
    for name in GROUPS:
        import_module(f"jobs.{name}").init_app(app)
