"""Finds people by what somebody typed, fast enough to answer every keystroke, however many people there are.

A word of few people is looked up in the word index. A word of many is not collected: people are read in the order of the
list until the page is full. What a row looks like is none of this module's business; that is `people_table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, not_, select

from messaging.domain.folding import parse_query, phone_end
from messaging.models import db
from messaging.services import people_filter
from messaging.services.people_filter import NAME, PERSON, PeopleFilter, between, of_kind, of_kind_without_index, people_of

#: A word with more entries in the index is not collected at once; about the measured break-even at 200,000 people.
FEW_ENTRIES = 4_000
#: How many rows of the list are read before giving up on filling a page in order: most pages are full after the first.
ROWS_READ = (3_000, 12_000)
#: Beyond this the number of hits is "more than".
COUNT_AT_MOST = 2_000
#: What the reading in list order looks at.
_READ = ("id", "sort_key", "search_text", "archived_at", "converted_to_id", "email_normalized", "sms_e164")


@dataclass(frozen=True, slots=True)
class Found:
    """One page: person ids in order. `hits` is the number of all hits, or if not `exact` a number that they exceed."""

    ids: Sequence[int]
    hits: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """A filter with its words read and weighed: `rarest` has the fewest entries in the index, `few` if these are quickly read."""

    wanted: PeopleFilter
    words: tuple[str, ...] = ()
    rarest: str = ""
    few: bool = True


def find(wanted: PeopleFilter, start: int, size: int) -> Found:
    """The people number `start` (from 0) to `start + size` of those wanted. Surnames that begin as typed come first."""
    search = weighed(wanted)
    if not search.words:
        return listed(wanted, start, size)
    if search.few or wanted.sort != NAME or wanted.ticked_by is not None:
        return collected(search, start, size)
    return read_in_order(search, start, size) or collected(search, start, size)


def ids_query(wanted: PeopleFilter) -> Select[tuple[int]]:
    """A query of the ids of all people wanted, in no order: for "all hits" in one statement."""
    return hits_query(weighed(wanted))


def count_ticked(wanted: PeopleFilter, user_id: int) -> int:
    """How many of those wanted the user has ticked; quick as long as the ticks are few."""
    search = replace(weighed(wanted), wanted=replace(wanted, ticked_by=user_id))
    return db.session.scalar(select(_counted(search))) or 0


def weighed(wanted: PeopleFilter) -> Search:
    """Count the entries of each typed word in the index, up to the number where the exact one no longer matters.

    Digits that no number begins with are the last ones of a phone number.
    """
    words = parse_query(wanted.query)
    counts = count_entries(words)
    if any(not count and phone_end(word) for word, count in counts.items()):
        words = tuple(word if counts[word] else phone_end(word) or word for word in words)
        counts = count_entries(words)
    if not words:
        return Search(wanted)
    count, _, rarest = min((count, -len(word), word) for word, count in counts.items())
    return Search(wanted, words, rarest, count <= FEW_ENTRIES)


def count_entries(words: Sequence[str]) -> dict[str, int]:
    if not words:
        return {}
    counts = db.session.execute(select(*map(entries, words))).one()
    return dict(zip(words, counts, strict=True))


def entries(word: str) -> ScalarSelect[int]:
    return select(func.count()).select_from(people_of(word).limit(FEW_ENTRIES + 1).subquery()).scalar_subquery()


def listed(wanted: PeopleFilter, start: int, size: int) -> Found:
    """Without words: a stretch of the list itself, by its index."""
    page = hits_query(Search(wanted)).order_by(*people_filter.order(wanted, ())).offset(start).limit(size)
    return Found(ids_of(page), count_of_list(wanted))


def collected(search: Search, start: int, size: int) -> Found:
    """All hits are collected and sorted; the number is exact."""
    ids = ids_of(hits_query(search).order_by(*people_filter.order(search.wanted, search.words)))
    return Found(ids[start : start + size], len(ids))


def read_in_order(search: Search, start: int, size: int) -> Found | None:
    """The page out of the first rows of the list, or None if they do not hold it."""
    for rows in ROWS_READ:
        ids, at_end = first_hits(search, rows)
        if at_end or len(ids) > start + size:
            exact = at_end and len(ids) <= COUNT_AT_MOST
            return Found(ids[start : start + size], len(ids) if exact else rounded_down(len(ids) - 1, start + size), exact)
    return None


def first_hits(search: Search, rows: int) -> tuple[list[int], bool]:
    """Hits among the first `rows` rows of each stretch (surnames as typed, then the others), and whether these are all."""
    ids: list[int] = []
    for stretch in stretches(search.words):
        read = select(PERSON.id).where(*of_kind(search.wanted), *stretch).order_by(PERSON.sort_key, PERSON.id).limit(rows)
        part = read.with_only_columns(*(PERSON[name] for name in _READ)).subquery()
        hits = select(part.c.id).where(*people_filter.conditions(part.c, search.wanted, search.words))
        ids += ids_of(hits.order_by(part.c.sort_key, part.c.id).limit(COUNT_AT_MOST + 1))
        cut_short = len(ids) > COUNT_AT_MOST or db.session.scalar(select(func.count()).select_from(read.subquery())) == rows
        if cut_short:
            return ids, False
    return ids, True


def stretches(words: Sequence[str]) -> Iterator[list[ColumnElement[bool]]]:
    """The list in the order in which hits are shown: surnames as typed, the longest word first, then everybody else."""
    before: list[ColumnElement[bool]] = []
    for beginnings in people_filter.typed_surnames(words):
        for beginning in beginnings:
            surnames = between(PERSON.sort_key, beginning)
            yield [surnames, *map(not_, before)]
            before.append(surnames)
    yield [not_(surnames) for surnames in before]


def hits_query(search: Search) -> Select[tuple[int]]:
    """Ids of all hits. Ticks lead if only ticked people are wanted, else the rarest word if there is one."""
    wanted, words = search.wanted, search.words
    if wanted.ticked_by is not None:
        return select(PERSON.id).where(*people_filter.conditions(PERSON, wanted, words), *of_kind_without_index(wanted))
    if not words:
        return select(PERSON.id).where(*people_filter.conditions(PERSON, wanted, ()), *of_kind(wanted))
    others = [word for word in words if word != search.rarest]
    found = select(PERSON.id).where(PERSON.id.in_(people_of(search.rarest)))
    return found.where(*people_filter.conditions(PERSON, wanted, others), *of_kind_without_index(wanted))


def count_of_list(wanted: PeopleFilter) -> int:
    """How many people the list has. The usual one is counted by two indexes: everybody less the few who were put away."""
    if wanted.shown != "active" or wanted.ticked_by is not None:
        return db.session.scalar(select(_counted(Search(wanted)))) or 0
    everybody, put_away = (_counted(Search(replace(wanted, shown=shown))) for shown in ("all", "put_away"))
    return db.session.scalar(select(everybody - put_away)) or 0


def ids_of(query: Select[tuple[int]]) -> list[int]:
    """The ids a query finds. Past the session's loading of objects, which costs twice as much for thousands of numbers."""
    return list(db.session.connection().execute(query).scalars().all())


def rounded_down(number: int, least: int) -> int:
    """A round number that `number` reaches, but not below `least`: 437 is 400."""
    unit = 10 ** (len(str(number)) - 1)
    return max(number // unit * unit, least)


def _counted(search: Search) -> ScalarSelect[int]:
    return select(func.count()).select_from(hits_query(search).subquery()).scalar_subquery()
