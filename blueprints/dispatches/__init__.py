"""Versand: the log, the page of one dispatch with its progress, the unclear messages. The path of a draft is in other rooms."""

from __future__ import annotations

from blueprints.dispatches import pages, steering, unclear  # noqa: F401 (their views belong to the blueprint)
from blueprints.dispatches.room import blueprint

__all__ = ["blueprint"]
