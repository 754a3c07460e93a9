"""Telephone numbers that reach nobody: those the Bundesnetzagentur reserved for film and television (Mitteilung 148/2021)."""

from __future__ import annotations

from random import Random

MOBILES = tuple(f"0171 39200{n:02}" for n in range(100)) + tuple(f"0176 040690{n:02}" for n in range(100))
LANDLINES = ("030 23125", "069 90009", "040 66969", "089 99998")


def mobile(random: Random) -> str:
    return random.choice(MOBILES)


def landline(random: Random) -> str:
    return f"{random.choice(LANDLINES)}{random.randrange(1000):03}"
