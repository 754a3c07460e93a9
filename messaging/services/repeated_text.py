"""Who of a draft got this very text within a day, by person and wording: a list sent twice by mistake is seen before it goes.

Warns and unticks, never forbids: sending again is often meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from messaging.domain.recipient_rows import BY_HAND
from messaging.domain.states import ACCEPTED, OPEN_MESSAGES, MessageState
from messaging.models import Dispatch, Draft, Message, Recipient, db
from messaging.outbox.sendable import has_permission_clause
from messaging.services import recipients

WITHIN = timedelta(hours=24)
#: Not there yet, but on their way; of an unclear one nobody knows.
COMING = (*OPEN_MESSAGES, MessageState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Recipient ids: of `ticked` who would get it again, of `left_out` who are unticked by hand.

    `coming`: some of those that are ticked still wait for it.
    """

    ticked: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    coming: bool = False


def repeated(draft: Draft, now: datetime) -> Repeated:
    """What the confirm page says of the draft as it is now."""
    got, coming = _who_got_it(draft, now)
    if not got:
        return Repeated()
    of_interest = (Recipient.draft_id == draft.id, Recipient.possible, has_permission_clause())
    by_hand = or_(Recipient.ticked, Recipient.unticked_batch == BY_HAND)
    columns = (Recipient.id, Recipient.ticked, Recipient.person_id, Recipient.appointment_id)
    rows = db.session.execute(select(*columns).where(*of_interest, by_hand).order_by(Recipient.position)).all()
    met = [row for row in rows if _is_met(row.appointment_id, got.get(row.person_id, ()))]
    again = [row for row in met if row.ticked]
    left_out = tuple(row.id for row in met if not row.ticked)
    return Repeated(tuple(row.id for row in again), left_out, any(row.person_id in coming for row in again))


def leave_out(draft: Draft, now: datetime) -> None:
    """Untick them by hand, so that checking again does not bring them back."""
    recipients.tick(draft.id, repeated(draft, now).ticked, on=False)


def take_back(draft: Draft, now: datetime) -> None:
    recipients.tick(draft.id, repeated(draft, now).left_out, on=True)


def _who_got_it(draft: Draft, now: datetime) -> tuple[Mapping[int, set[int | None]], set[int]]:
    """Person -> appointments it was about, of everybody who got the text or will; and which persons still wait for it.

    Read as one list: asking for each recipient anew would be a search per person of ten thousand.
    """
    same_text = (Dispatch.channel == draft.channel, Dispatch.subject == draft.subject, Dispatch.body == draft.body)
    accepted = and_(Message.state.in_(ACCEPTED), Message.ended_at >= now - WITHIN)
    mine = (Message.dispatch_id.in_(select(Dispatch.id).where(*same_text)), or_(accepted, Message.state.in_(COMING)))
    got: dict[int, set[int | None]] = defaultdict(set)
    coming: set[int] = set()
    columns = (Message.person_id, Message.appointment_id, Message.state)
    for person_id, appointment_id, state in db.session.execute(select(*columns).where(*mine)):
        got[person_id].add(appointment_id)
        coming |= {person_id} if state in COMING else set()
    return got, coming


def _is_met(appointment_id: int | None, got: Collection[int | None]) -> bool:
    """The same text about two appointments says two things."""
    return bool(got) and (appointment_id is None or None in got or appointment_id in got)
