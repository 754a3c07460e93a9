"""What the views of dispatches share: the blueprint, which dispatch, what the address asks for, how a refusal is answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_login import current_user

from blueprints import answers
from messaging.domain.errors import DomainError
from messaging.domain.sending_words import LEFT_OUT, STATE_GROUPS
from messaging.domain.states import DispatchState
from messaging.domain.words import Channel, Purpose, Role, role_reaches
from messaging.services import dispatch_log
from messaging.services.dispatch_log import DispatchLine, LogFilter
from messaging.services.dispatch_recipients import RecipientFilter
from messaging.services.list_page import ListPage

blueprint = Blueprint("dispatches", __name__, url_prefix="/dispatches")

#: What the address of the list is asked for; any other argument could be one of `url_for` itself.
LOG_ARGS = ("state", "channel", "purpose", "from", "to", "q")


@blueprint.errorhandler(DomainError)
def refuse(error: DomainError) -> Response:
    """The step is not possible any more: say so and lead back to the dispatch, or to the list."""
    dispatch_id = (request.view_args or {}).get("dispatch_id")
    if dispatch_id is None:
        return answers.problem(error.problem, 409, url_for("dispatches.unclear"), "Zu den unklaren Nachrichten")
    return answers.problem(error.problem, 409, url_for("dispatches.show", dispatch_id=dispatch_id), "Zum Versand")


def line_of(dispatch_id: int) -> DispatchLine:
    """The dispatch of this address: 404 if there is none."""
    return dispatch_log.one(dispatch_id) or abort(404)


def may_steer() -> bool:
    return role_reaches(current_user.role, Role.STAFF)


def log_filter(days: Mapping[str, date]) -> LogFilter:
    return LogFilter(
        state=known("state", set(DispatchState)),
        channel=known("channel", set(Channel)),
        purpose=known("purpose", set(Purpose)),
        first=days.get("from"),
        last=days.get("to"),
        query=request.args.get("q", "").strip(),
    )


def recipient_filter() -> RecipientFilter:
    group = known("filter", {*STATE_GROUPS, LEFT_OUT})
    reason = request.args.get("reason", "") if group == LEFT_OUT else ""
    return RecipientFilter(group, reason, request.args.get("q", "").strip())


def typed_log_args() -> dict[str, str]:
    """The filter as it stands in the address, also what cannot be read."""
    return {name: value for name, value in request.args.items() if name in LOG_ARGS}


def log_args(wanted: LogFilter, part: ListPage) -> dict[str, Any]:
    """The address of a part of the list, without what is as usual."""
    days = {"from": wanted.first and wanted.first.isoformat(), "to": wanted.last and wanted.last.isoformat()}
    named = {"state": wanted.state, "channel": wanted.channel, "purpose": wanted.purpose, **days, "q": wanted.query}
    return {**{name: value for name, value in named.items() if value}, **part_args(part)}


def part_args(part: ListPage) -> dict[str, Any]:
    usual = ListPage()
    return {
        **({"page": part.number} if part.number != usual.number else {}),
        **({"per_page": part.per_page} if part.per_page != usual.per_page else {}),
    }


def known(name: str, values: Collection[str]) -> str:
    value = request.args.get(name, "")
    return value if value in values else ""
