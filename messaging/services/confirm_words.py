"""What the confirm page says before a send, in whole sentences with the right numbers. Nothing is counted or decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.domain.calendar_de import duration_words, near_time_words, number_words, plural
from messaging.domain.quiet_hours import evening_within
from messaging.domain.reasons import Kind, reason
from messaging.domain.words import Channel
from messaging.services.dispatching import DispatchPlan
from messaging.services.repeated_text import Repeated

#: (one, many) of what goes out
NOUNS = {Channel.EMAIL: ("E-Mail", "E-Mails"), Channel.SMS: ("SMS", "SMS"), Channel.LETTER: ("Brief", "Briefe")}
#: Up to here a length says more than a time of day.
SAY_LENGTH_UNTIL = timedelta(minutes=20)
#: Kind of a reason -> filter of the check window that shows those rows.
FILTERS = {Kind.IMPOSSIBLE: "impossible", Kind.FORBIDDEN: "not_allowed"}
DOUBLED = "duplicate_address"
NAMES_SAID = 8


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One reason with its number; `filter` is the one of the check window that shows these rows, "" if none does."""

    code: str
    text: str
    filter: str


@dataclass(frozen=True, slots=True)
class ConfirmWords:
    """Sentences, and the words of the button. `night`: that it lasts into the night, or "".

    Behind `left_out` come its `reasons`; without any, `nobody_left_out` is said.
    """

    going: str
    night: str
    nobody_left_out: str
    left_out: str
    reasons: tuple[LeftOut, ...]
    recorded: str
    button: str
    doubled: int
    doubled_names: str


def words(plan: DispatchPlan, channel: str, purpose: str, now: datetime) -> ConfirmWords:
    """The three sentences of the plan, for `now`."""
    one, many = NOUNS[Channel(channel)]
    left_out = sum(plan.left_out.values())
    return ConfirmWords(
        going=f"{plural(plan.sendable, f'{one} geht', f'{many} gehen')} jetzt hinaus, {_how_long(plan, now)}.",
        night=night_sentence(purpose, now, plan.ready_at or now, now),
        nobody_left_out="" if left_out else "Alle aus der Liste bekommen eine.",
        left_out=f"{plural(left_out, 'Empfänger bekommt', 'Empfänger bekommen')} keine:" if left_out else "",
        reasons=tuple(_left_out(code, number) for code, number in plan.left_out.items()),
        recorded="Jede Nachricht wird in der Karteikarte vermerkt.",
        button=f"{plural(plan.sendable, one, many)} senden",
        doubled=plan.left_out.get(DOUBLED, 0),
        doubled_names=some_names(plan.doubled_names),
    )


def some_names(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are; "" for nobody."""
    more = len(names) - NAMES_SAID
    return ", ".join(names[:NAMES_SAID]) + (f" und {plural(more, 'weitere Person', 'weitere Personen')}" if more > 0 else "")


def night_sentence(purpose: str, begin: datetime, end: datetime, now: datetime) -> str:
    """Said of a send that begins by day and is not done in the evening; "" for all others."""
    evening = evening_within(purpose, begin, end)
    if evening is None:
        return ""
    when = near_time_words(evening, now)
    return f"{when[0].upper()}{when[1:]} ist der Versand noch nicht fertig: Der Rest geht in der Nacht hinaus."


def repeated_sentence(found: Repeated) -> str:
    """Who would get the same text again; "" for nobody."""
    count = len(found.ticked)
    if not count:
        return ""
    got = f"{plural(count, 'Person hat', 'Personen haben')} diesen Text in den letzten 24 Stunden schon bekommen"
    return (
        f"{got} oder {'bekommt' if count == 1 else 'bekommen'} ihn gerade aus einem anderen Versand."
        if found.coming
        else f"{got}."
    )


def left_out_sentence(found: Repeated) -> str:
    """Who was unticked for it; "" for nobody."""
    count = len(found.left_out)
    if not count:
        return ""
    return f"{plural(count, 'Person, die diesen Text schon hat, ist', 'Personen, die diesen Text schon haben, sind')} abgewählt."


def _how_long(plan: DispatchPlan, now: datetime) -> str:
    sender = f"von {plan.sender_address}"
    length = timedelta(seconds=plan.seconds or 0)
    if length <= SAY_LENGTH_UNTIL or plan.ready_at is None:
        return f"{sender}, in {duration_words(length.total_seconds()).replace('unter 1 Minute', 'weniger als 1 Minute')}"
    why = "Weil über dieses Konto schon ein anderer Versand läuft," if plan.shared else "Wegen der Grenzen dieses Kontos"
    return f"{sender}. {why} dauert es bis {near_time_words(plan.ready_at, now)}"


def _left_out(code: str, number: int) -> LeftOut:
    why = reason(code)
    duplicates = "duplicates" if code == "duplicate_person" else ""
    return LeftOut(code, f"{number_words(number)} {why.short}", FILTERS.get(why.kind, duplicates))
