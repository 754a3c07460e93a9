"""What the views of a draft's check window share: which draft, which part of its list, what the templates need, how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from blueprints import answers, error_pages
from messaging.domain.calendar_de import number_words, plural
from messaging.domain.errors import DomainError
from messaging.domain.reasons import reason
from messaging.domain.states import DraftState
from messaging.domain.words import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Purpose, Role, role_reaches
from messaging.outbox.sendable import FILTERS, Numbers
from messaging.services import drafts, recipients, recipients_page
from messaging.services.drafts import DraftFacts
from messaging.services.drafts_checking import Rechecked
from messaging.services.list_page import PAGE_SIZES, ListPage

ADDRESS_HEADS = {Channel.EMAIL: "E-Mail", Channel.SMS: "Mobilnummer", Channel.LETTER: "Anschrift"}
FILTER_WORDS = {
    "all": "Alle",
    "allowed": "Erlaubt",
    "not_allowed": "Nicht erlaubt",
    "impossible": "Nicht möglich",
    "duplicates": "Doppelt",
}


@dataclass(frozen=True)
class ListArgs:
    """Which part of the list is shown, as it stands in the address."""

    filter: str = "all"
    part: ListPage = ListPage()  # noqa: RUF009 (frozen)

    def query(self) -> dict[str, Any]:
        """Only what differs from the usual, so that addresses stay short."""
        usual = ListPage()
        return {
            **({"filter": self.filter} if self.filter != "all" else {}),
            **({"page": self.part.number} if self.part.number != usual.number else {}),
            **({"per_page": self.part.per_page} if self.part.per_page != usual.per_page else {}),
        }


@dataclass(frozen=True)
class Ticks:
    """What the list of people asks of a selection (see `_components/people_table.html`)."""

    url: str
    next: str
    count: int
    hits: int
    hits_selected: int
    scope: str = "recipients"


def list_args() -> ListArgs:
    """Of the address; what makes no sense there is as if it were not."""
    name, size = request.args.get("filter", ""), request.args.get("per_page", "")
    part = ListPage(max(1, request.args.get("page", 1, type=int)), size if size in PAGE_SIZES else ListPage().per_page)
    return ListArgs(name if name in FILTERS else "all", part)


def draft_of(draft_id: int) -> DraftFacts:
    """The draft of this address: 404 if there is none, refused if it was discarded."""
    draft = drafts.facts(draft_id) or abort(404)
    if draft.state == DraftState.DISCARDED:
        raise DomainError(drafts.DISCARDED)
    return draft


def open_draft_of(draft_id: int) -> DraftFacts:
    """The draft of this address, refused unless it can still be changed."""
    draft = draft_of(draft_id)
    if not draft.is_open:
        raise DomainError(drafts.CONFIRMED)
    return draft


def refuse(error: DomainError) -> Response:
    """A rule refused: say so and lead on, to the dispatch if the draft became one, else to the drafts."""
    draft = drafts.facts((request.view_args or {})["draft_id"])
    if draft is None:
        return error_pages.show(NotFound())
    if draft.dispatch_id:
        return answers.problem(error.problem, 409, url_for("dispatches.show", dispatch_id=draft.dispatch_id), "Zum Versand")
    return answers.problem(error.problem, 409, url_for("drafts.index"), "Zu den Entwürfen")


def show(draft: DraftFacts, status: int = 200) -> Response:
    """The window: the whole page, or the list with numbers and bar beside it."""
    return answers.page_or_fragment("recipients/page.html", "recipients/_answer.html", status, **window(draft))


def answer(draft_id: int) -> Response:
    """After a change: the fresh list for htmx, the same page again for a plain form."""
    return show(draft_of(draft_id)) if answers.wants_fragment() else back(draft_id)


def back(draft_id: int) -> Response:
    return answers.go("recipients.index", draft_id=draft_id, **list_args().query())


def window(draft: DraftFacts) -> dict[str, Any]:
    """Everything the templates of the window need."""
    asked = list_args()
    page = recipients_page.page(draft.id, draft.channel, asked.filter, asked.part)
    args = ListArgs(asked.filter, page.part)
    channel, numbers = Channel(draft.channel), recipients.numbers(draft.id)
    return {
        **around_the_list(draft, args, numbers),
        "page": page,
        "chips": chips(draft.id, args, numbers),
        "mine": draft.owner_id == current_user.id,
        "may_override": draft.is_open and role_reaches(current_user.role, Role.MANAGER),
        "channel_label": CHANNEL_LABELS[channel],
        "address_head": ADDRESS_HEADS[channel],
        "purposes": [(purpose.value, label) for purpose, label in PURPOSE_LABELS.items()],
        "purpose_label": PURPOSE_LABELS[Purpose(draft.purpose)],
        "with_appointments": draft.origin == drafts.APPOINTMENTS,
    }


def around_the_list(draft: DraftFacts, args: ListArgs, numbers: Numbers) -> dict[str, Any]:
    """What changes with every tick: the numbers, the bar, and which of the filter's rows are ticked."""
    here = recipients.filter_ticks(draft.id, args.filter)
    at = {"draft_id": draft.id, **args.query()}
    compose = url_for("composer.index", draft_id=draft.id) if numbers.sendable and draft.is_open else None
    return {
        "draft": draft,
        "may_edit": draft.is_open and role_reaches(current_user.role, Role.STAFF),
        "at": at,
        "numbers": numbers,
        "left_out": left_out_words(draft.id),
        "removed": recipients.last_removed(draft.id),
        "selection": Ticks(
            url_for("recipients.ticks", **at), url_for("recipients.index", **at), numbers.ticked, here.possible, here.ticked
        ),
        "step_urls": {"select": origin_url(draft), "compose": compose},
        "dispatch_url": url_for("dispatches.show", dispatch_id=draft.dispatch_id) if draft.dispatch_id else None,
    }


def chips(draft_id: int, args: ListArgs, numbers: Numbers) -> list[tuple[str, str, bool, int]]:
    """Filters with their counts; "Doppelt" only if there are any."""
    counts = {"all": numbers.selected, "allowed": numbers.allowed, "not_allowed": numbers.not_allowed,
              "impossible": numbers.impossible, "duplicates": numbers.duplicates}  # fmt: skip
    shown = [name for name in FILTER_WORDS if name != "duplicates" or numbers.duplicates or args.filter == name]
    first = ListPage(1, args.part.per_page)
    urls = {name: url_for("recipients.index", draft_id=draft_id, **ListArgs(name, first).query()) for name in shown}
    return [(FILTER_WORDS[name], urls[name], name == args.filter, counts[name]) for name in shown]


def left_out_words(draft_id: int) -> str:
    """ "20 ohne Einwilligung, 4 ohne E-Mail-Adresse, 5 doppelt"; "" if everybody gets the message."""
    counts = recipients.left_out(draft_id)
    return ", ".join(f"{number_words(count)} {reason(code).short}" for code, count in counts.items())


def rechecked_words(result: Rechecked) -> str:
    changed = plural(result.changed, "Zeile hat sich", "Zeilen haben sich") if result.changed else "Nichts hat sich"
    lapsed = plural(len(result.lapsed), "Begründung gilt", "Begründungen gelten")
    return f"Neu geprüft: {changed} geändert." + (f" {lapsed} nicht mehr." if result.lapsed else "")


def origin_url(draft: DraftFacts) -> str:
    """The ticks such a draft is made of, to be changed there."""
    return url_for("selection.appointments" if draft.origin == drafts.APPOINTMENTS else "selection.people")
