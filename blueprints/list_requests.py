"""What a request asks of a list: the filters in its address, the page, and which rows "alle Treffer" are. No route lives here.

The list itself and, in the address of its ticks, `selection` get the same arguments; so both mean the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select

from messaging.domain.errors import DomainError, Problem
from messaging.domain.folding import parse_query
from messaging.domain.typed_day import read_day
from messaging.domain.words import PersonKind
from messaging.services import appointment_list, person_search
from messaging.services.appointment_list import AppointmentFilter
from messaging.services.list_page import PAGE_SIZES, ListPage
from messaging.services.people_filter import NAME, SHOWN, SORTS, PeopleFilter
from messaging.services.selection import APPOINTMENTS, PEOPLE

Args = Mapping[str, str]

DAYS_REVERSED = Problem("days_reversed", "Dieser Tag liegt vor dem Tag im Feld „von“.", "Bitte einen späteren Tag eingeben.")
ASKS_FIRST = Problem("asks_first", "Noch ist niemand gefunden.", "Bitte zuerst suchen.")

QUERY_AT_MOST = 200
PAGE_AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class ListRoom:
    """A list of the house: its page, the kind of people it holds ("" both), and who is shown unless chosen otherwise.

    `ticked_only`: only what the user has ticked. `asks_first`: empty until something is typed.
    """

    endpoint: str
    scope: str = PEOPLE
    kind: str = ""
    shown: str = "all"
    ticked_only: bool = False
    asks_first: bool = False


#: Every list with ticks; the key is the argument `list` of the ticks' address.
LISTS = {
    "search": ListRoom("search.index", asks_first=True),
    "patients": ListRoom("people.patients", kind=PersonKind.PATIENT, shown="active"),
    "prospects": ListRoom("people.prospects", kind=PersonKind.PROSPECT, shown="active"),
    "ticked": ListRoom("selection.people", ticked_only=True),
    "search_appointments": ListRoom("search.appointments", APPOINTMENTS),
    "appointments": ListRoom("appointments.index", APPOINTMENTS),
    "ticked_appointments": ListRoom("selection.appointments", APPOINTMENTS, ticked_only=True),
}


def list_page(args: Args) -> ListPage:
    """The page asked for; nonsense is the first one."""
    number, per_page = args.get("page", ""), args.get("per_page", "")
    asked = int(number) if number.isascii() and number.isdigit() and int(number[:7]) else 1
    return ListPage(min(asked, PAGE_AT_MOST), per_page if per_page in PAGE_SIZES else PAGE_SIZES[0])


def people_filter(room: ListRoom, args: Args, user_id: int) -> PeopleFilter:
    """The filter of a list of people; an argument that means nothing counts as not given."""
    kind, shown, sort = args.get("kind", ""), args.get("filter", ""), args.get("sort", "")
    return PeopleFilter(
        query=args.get("q", "")[:QUERY_AT_MOST],
        kind=room.kind or (kind if kind in set(PersonKind) else ""),
        shown=shown if shown in SHOWN else room.shown,
        sort=sort if sort.removeprefix("-") in SORTS else NAME,
        ticked_by=user_id if room.ticked_only else None,
    )


def is_idle(room: ListRoom, wanted: PeopleFilter) -> bool:
    """Whether the list shows nobody because nothing was typed yet. Its filter alone would find everybody."""
    return room.asks_first and not parse_query(wanted.query)


@dataclass(frozen=True, slots=True)
class TypedAppointmentFilter:
    """`wanted` is None if the days make no sense; `problems` has the sentence for a field, `days` what could be read of both."""

    wanted: AppointmentFilter | None
    problems: Mapping[str, Problem]
    days: Mapping[str, date]


def appointment_filter(room: ListRoom, args: Args, user_id: int, today: date) -> TypedAppointmentFilter:
    """The filter of a list of appointments; without days it is today."""
    days, problems = typed_days(args, today)
    first = days.get("from") or days.get("to") or today
    last = days.get("to") or first
    if problems:
        return TypedAppointmentFilter(None, problems, days)
    status, sort = args.get("status", ""), args.get("sort", "")
    wanted = AppointmentFilter(
        first,
        last,
        practitioner=args.get("practitioner", ""),
        type=args.get("type", ""),
        status=status if status in appointment_list.STATUS_CHOICES else "",
        sort=sort if sort.removeprefix("-") in appointment_list.SORTS else "time",
        ticked_by=user_id if room.ticked_only else None,
    )
    return TypedAppointmentFilter(wanted, {}, {"from": first, "to": last})


def typed_days(args: Args, today: date) -> tuple[dict[str, date], dict[str, Problem]]:
    """The days of the fields "from" and "to", each where something is typed, and what is wrong with them."""
    days, problems = {}, {}
    for name in ("from", "to"):
        try:
            if args.get(name, "").strip():
                days[name] = read_day(args[name], today)
        except DomainError as refused:
            problems[name] = refused.problem
    if len(days) == 2 and days["to"] < days["from"]:
        problems["to"] = DAYS_REVERSED
    return days, problems


def all_hits(room: ListRoom, args: Args, user_id: int, today: date) -> Select[tuple[int]]:
    """A query of the ids of all rows of a list. Raises DomainError if it shows none yet, or if its days cannot be read."""
    if room.scope == PEOPLE:
        wanted = people_filter(room, args, user_id)
        if is_idle(room, wanted):
            raise DomainError(ASKS_FIRST)
        return person_search.ids_query(wanted)
    typed = appointment_filter(room, args, user_id, today)
    if typed.wanted is None:
        raise DomainError(next(iter(typed.problems.values())))
    return appointment_list.ids_query(typed.wanted)
