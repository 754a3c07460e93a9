"""The record (Karteikarte): one person's master data, permissions, appointments and messages. Lists of people are elsewhere."""

from __future__ import annotations

from blueprints.person_record import editing, pages, permissions, refused
from blueprints.person_record.room import blueprint

__all__ = ["blueprint", "editing", "pages", "permissions", "refused"]
