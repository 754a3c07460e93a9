"""A large practice for the benchmarks: many people with German names, skewed as real ones are, the same for the same number.

Names are Faker's, drawn so that a few are frequent and most are rare; telephone numbers and mail domains are only reserved ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import Any

from faker.providers.address.de_DE import Provider as Places
from faker.providers.person.de_DE import Provider as Names
from sqlalchemy import insert

from messaging.models import Person, write_transaction
from messaging.services.person_fields import add_words, derived_and_words

START = 20250314
ROWS_AT_ONCE = 20_000
WRITTEN_AT = datetime(2026, 11, 1, tzinfo=UTC)
FIRST_BIRTH = date(1931, 1, 1)


class Skewed:
    """Draws from a list so that entry n is about as frequent as 1/n: a few are common, most are rare."""

    def __init__(self, entries: list[str], random: Random) -> None:
        self._entries = random.sample(entries, len(entries))
        self._weights = list(accumulate(1 / (place + 8) for place in range(len(entries))))
        self._random = random

    def draw(self) -> str:
        return self._random.choices(self._entries, cum_weights=self._weights)[0]


def people(count: int, kind: str = "patient") -> Iterator[dict[str, Any]]:
    """The typed fields of `count` persons."""
    random = Random(START)
    first = Skewed(sorted({*Names.first_names_male, *Names.first_names_female}), random)
    last = Skewed(sorted(set(Names.last_names)), random)
    cities = Skewed(sorted(set(Places.cities)), random)
    for number in range(1, count + 1):
        name = last.draw() if random.random() > 0.06 else f"{last.draw()}-{last.draw()}"
        given = first.draw()
        mobile = f"0176 04069{random.randrange(100):03d}" if random.random() < 0.6 else ""
        yield {
            "kind": kind,
            "number": f"M{number:06d}",
            "form_of_address": random.choice(("Herr", "Frau", "")),
            "title": "Dr." if random.random() < 0.03 else "",
            "first_name": given,
            "last_name": name,
            "birth_date": FIRST_BIRTH + timedelta(days=random.randrange(92 * 365)),
            "postcode": f"{random.randrange(1067, 99998):05d}",
            "city": cities.draw(),
            "phone": f"030 23125{random.randrange(1000):03d}" if random.random() < 0.5 else "",
            "mobile": mobile,
            "sms": mobile,
            "email": mail_address(given, name, number) if random.random() < 0.7 else "",
        }


def mail_address(given: str, name: str, number: int) -> str:
    plain = f"{given}.{name}".lower().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", "é": "e"}))
    return f"{plain}{number % 97}@example.{('org', 'com', 'net')[number % 3]}"


def fill(count: int, kind: str = "patient") -> None:
    """Store `count` persons with their search words; needs an app context and an empty table."""
    rest = enumerate(people(count, kind), start=1)
    moments = {"created_at": WRITTEN_AT, "updated_at": WRITTEN_AT}
    while part := list(islice(rest, ROWS_AT_ONCE)):
        known = [(number, fields, *derived_and_words(fields)) for number, fields in part]
        rows = [{"id": number, **fields, **columns, **moments} for number, fields, columns, _ in known]
        with write_transaction() as session:
            session.execute(insert(Person.__table__), rows)
            add_words(session, ((number, words) for number, _, _, words in known))
