"""Lists of people and of appointments as their templates want them: rows, ticks, and the links around. No route lives here.

`list_requests` reads what was asked and the services find it. For htmx the answer is the list with its action bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from blueprints.access import current_user_id, may_open
from blueprints.answers import page_or_fragment
from blueprints.list_requests import LISTS, TypedAppointmentFilter, appointment_filter, is_idle, list_page, people_filter
from jobs.clock import now
from messaging.domain.calendar_de import day_words, local, next_working_day
from messaging.domain.errors import Problem
from messaging.domain.words import Channel, Role, role_reaches
from messaging.services import appointment_list, people_table, person_search, selection
from messaging.services.appointment_list import AppointmentFilter
from messaging.services.list_page import DRAWN_AT_MOST, ListPage
from messaging.services.people_filter import PeopleFilter
from messaging.services.people_table import PeoplePage

#: Channels of which this house has no way to send yet; the menu says so.
MISSING_CHANNELS = (Channel.SMS, Channel.LETTER)
#: With more ticks than this nobody counts how many of them are in the list; the button for all hits then stays usable.
TICKS_COMPARED = 5_000

#: By scope, the arguments of the address that links of the list carry on. Any other could be one of `url_for` itself.
_KEPT_ARGS = {
    selection.PEOPLE: ("q", "kind", "filter", "sort", "per_page"),
    selection.APPOINTMENTS: ("from", "to", "practitioner", "type", "status", "sort", "per_page"),
}


@dataclass(frozen=True, slots=True)
class SelectionView:
    """What the macros of `_components/people_table.html` ask of a selection. `more`: the list has more rows than `hits`."""

    url: str
    action_url: str
    scope: str
    next: str
    count: int
    hits: int
    hits_selected: int
    more: bool = False
    missing_channels: tuple[str, ...] = MISSING_CHANNELS


@dataclass(frozen=True, slots=True)
class DayLinks:
    """The days one click away, as addresses of the same list."""

    previous: str
    today: str
    working_day: str
    working_date: date
    working_day_words: str
    next: str
    shown: str


def people_answer(name: str, template: str) -> Response:
    """The list of people `name` as its page `template`, or the list alone."""
    return page_or_fragment(template, "people/_answer.html", **people_values(name))


def people_values(name: str) -> dict[str, Any]:
    """Everything the templates of a list of people need."""
    room, user_id = LISTS[name], current_user_id()
    wanted, asked = people_filter(room, request.args, user_id), list_page(request.args)
    idle = is_idle(room, wanted)
    page = PeoplePage((), 0, True, asked) if idle else people_table.page(wanted, user_id, asked)
    values = list_values(name, page.page)
    ticked = ticked_in_people(wanted, values["ticked"])
    return values | {
        "wanted": wanted,
        "idle": idle,
        "page": page,
        "kind_is_fixed": bool(room.kind),
        "shown_choices": list(people_table.SHOWN_LABELS.items()),
        "selection": selection_view(name, values, page.hits, ticked, more=not page.exact),
        "somebody": bool(page.rows) or people_table.anybody(room.kind),
    }


def appointments_answer(name: str, template: str) -> Response:
    """The list of appointments `name` as its page `template`, or the list alone; 422 if a day cannot be read."""
    typed = appointment_filter(LISTS[name], request.args, current_user_id(), today())
    status = 422 if typed.wanted is None else 200
    return page_or_fragment(template, "appointments/_answer.html", status, **appointment_values(name, typed))


def appointment_values(name: str, typed: TypedAppointmentFilter) -> dict[str, Any]:
    """Everything the templates of a list of appointments need. Without a readable day there is no list, only the form."""
    asked = list_page(request.args)
    shown = typed.wanted or AppointmentFilter(today(), today())
    page = appointment_list.page(shown, current_user_id(), asked, now()) if typed.wanted else None
    choices = appointment_list.choices(shown)
    values = list_values(name, page.page if page else asked)
    ticked = ticked_in_appointments(shown, values["ticked"])
    return values | {
        "wanted": shown,
        "page": page,
        **typed_day_values(typed.days, typed.problems),
        "days": day_links(values, shown),
        "practitioners": [("", "alle"), *((name, name) for name in choices.practitioners)],
        "types": [("", "alle"), *((name, name) for name in choices.types)],
        "status_choices": list(appointment_list.STATUS_CHOICES.items()),
        "nearest": nearest_links(values["endpoint"], shown) if page and not page.total else [],
        "selection": selection_view(name, values, page.total if page else 0, ticked),
    }


def typed_day_values(days: Mapping[str, date], problems: Mapping[str, Problem]) -> dict[str, Any]:
    """What the fields "from" and "to" of a filter show: the day that was read, or what was typed and why it is none."""
    return {
        "typed": request.args.to_dict() | {field: day.isoformat() for field, day in days.items()},
        "unreadable": set(problems) - set(days),
        "errors": {field: found.text for field, found in problems.items()},
    }


def list_values(name: str, page: ListPage) -> dict[str, Any]:
    """What every list has."""
    room = LISTS[name]
    return {
        "list_name": name,
        "endpoint": room.endpoint,
        "args": kept_args(room.scope),
        "per_page": page.per_page,
        "drawn": DRAWN_AT_MOST,
        "today": today(),
        "may_act": role_reaches(current_user.role, Role.STAFF),
        "may_import": may_open("imports.index"),
        "record_url": record_url,
        "panel_url": panel_url,
        "ticked": selection.count(current_user_id(), room.scope),
    }


def kept_args(scope: str) -> dict[str, str]:
    return {key: request.args[key] for key in _KEPT_ARGS[scope] if request.args.get(key)}


def selection_view(name: str, values: Mapping[str, Any], hits: int, hits_selected: int, *, more: bool = False) -> SelectionView:
    room, args = LISTS[name], values["args"]
    return SelectionView(
        url=url_for("selection.change", list=name, **args),
        action_url=url_for("selection.act", list=name, **args),
        scope=room.scope,
        next=url_for(room.endpoint, **{**args, **({"page": request.args["page"]} if "page" in request.args else {})}),
        count=values["ticked"],
        hits=hits,
        hits_selected=min(hits_selected, hits - 1) if more else hits_selected,
        more=more,
    )


def ticks_view(name: str, operation: str) -> SelectionView:
    """What the action bar shows after a change of the ticks. After "all hits" all of them are ticked, however many."""
    room, user_id = LISTS[name], current_user_id()
    ticked = selection.count(user_id, room.scope)
    values = {"args": kept_args(room.scope), "ticked": ticked}
    if operation == "add_hits":
        return selection_view(name, values, 0, ticked)
    if room.scope == selection.PEOPLE:
        return selection_view(name, values, 0, ticked_in_people(people_filter(room, request.args, user_id), ticked))
    typed = appointment_filter(room, request.args, user_id, today())
    return selection_view(name, values, 0, ticked_in_appointments(typed.wanted, ticked) if typed.wanted else 0)


def ticked_in_people(wanted: PeopleFilter, ticked: int) -> int:
    """How many hits are ticked, as far as that is worth counting."""
    return person_search.count_ticked(wanted, current_user_id()) if 0 < ticked <= TICKS_COMPARED else 0


def ticked_in_appointments(wanted: AppointmentFilter, ticked: int) -> int:
    return appointment_list.count_ticked(wanted, current_user_id()) if 0 < ticked <= TICKS_COMPARED else 0


def day_links(values: Mapping[str, Any], wanted: AppointmentFilter) -> DayLinks:
    """Before and after the days shown, by as many days as these are; today and the next working day."""
    step = timedelta(days=(wanted.last - wanted.first).days + 1)
    working_day = next_working_day(today())

    def link(first: date, last: date) -> str:
        days = {"from": first.isoformat(), **({"to": last.isoformat()} if last != first else {})}
        return url_for(
            values["endpoint"], **{key: value for key, value in values["args"].items() if key not in ("from", "to")}, **days
        )

    return DayLinks(
        previous=link(wanted.first - step, wanted.last - step),
        today=link(today(), today()),
        working_day=link(working_day, working_day),
        working_date=working_day,
        working_day_words=day_words(working_day),
        next=link(wanted.first + step, wanted.last + step),
        shown=day_words(wanted.first)
        if wanted.last == wanted.first
        else f"{day_words(wanted.first)} bis {day_words(wanted.last)}",
    )


def nearest_links(endpoint: str, wanted: AppointmentFilter) -> list[tuple[str, str]]:
    """(text, address) of the nearest days with appointments, for somebody on an empty day."""
    days = zip(("Davor", "Danach"), appointment_list.nearest_days(wanted), strict=True)
    return [(f"{word}: {day_words(day)}", url_for(endpoint, **{"from": day.isoformat()})) for word, day in days if day]


def today() -> date:
    """The calendar day of the practice."""
    return local(now()).date()


def record_url(person_id: int) -> str:
    return url_for("person_record.show", person_id=person_id)


def panel_url(person_id: int) -> str:
    return url_for("person_record.panel", person_id=person_id)
