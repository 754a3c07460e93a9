"""What every page and every guard must know of the practice, read once per request. The practice's own page is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from messaging.models import Practice, db


@dataclass(frozen=True)
class House:
    """`idle_minutes`: how long without work until somebody is signed out. `is_demo`: the people are invented."""

    idle_minutes: int = 20
    is_demo: bool = False


def house() -> House:
    """The house of this request; a practice that was never filled in has the defaults."""
    if "house" not in g:
        row = db.session.execute(db.select(Practice.idle_minutes, Practice.is_demo).filter_by(id=1)).first()
        g.house = House(*row) if row else House()
    return g.house
