"""Which entries of "Kontakt erlaubt" an imported row makes, beside what is recorded already. The rule only; no storing.

A file counts less than a person: what somebody entered by hand is never overwritten, and no withdrawal is ever lifted. A
"nein" of the file holds for every purpose of its channel, a "ja" only for the purposes that whoever imports has chosen
(§ 7 UWG: it has to be known what the consent was given for).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from messaging.domain.consent_rules import CLOSED, sms_field_opens
from messaging.domain.words import Channel, ConsentSource, ConsentStatus, Purpose

#: Entries that no person made by hand; a later file may answer differently.
AUTOMATIC = frozenset((ConsentSource.IMPORT, ConsentSource.SMS_FIELD))

Key = tuple[str, str]  # channel, purpose


@dataclass(frozen=True, slots=True)
class Known:
    """The latest entry of one channel and purpose."""

    status: str
    source: str
    target: str = ""


#: No entry, and the one that says "unbekannt" (a withdrawal that was taken back), count alike: everything is open.
NOTHING_SAID = Known(ConsentStatus.UNKNOWN, "")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to append."""

    channel: str
    purpose: str
    status: str
    source: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one row: the entries to append, and the channels about which somebody should know.

    `opt_out_stays` and `yes_stays`: the file contradicts an entry that stays. `without_target`: its "ja" counts for nothing,
    because there is no usable address or number. `not_named`: nor for the address there is now, which the file does not name.
    """

    entries: tuple[NewEntry, ...] = ()
    opt_out_stays: tuple[str, ...] = ()
    yes_stays: tuple[str, ...] = ()
    without_target: tuple[str, ...] = ()
    not_named: tuple[str, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.entries + other.entries,
            self.opt_out_stays + other.opt_out_stays,
            self.yes_stays + other.yes_stays,
            self.without_target + other.without_target,
            self.not_named + other.not_named,
        )


def weigh(
    file_says: Mapping[str, str],
    targets: Mapping[str, str],
    known: Mapping[Key, Known],
    yes_purposes: Collection[str],
    sms_field_counts: bool,
    named: Collection[str] = tuple(Channel),
) -> Outcome:
    """Weigh what a row says against what is recorded.

    `file_says` is channel -> ConsentStatus, `targets` channel -> usable address or number ("" if there is none; letters need
    none), `known` the latest entries. `sms_field_counts`: a number in the field SMS switches reminders on (practice setting).
    `named`: the channels whose address the row itself holds; a "ja" moves to another address only with it.
    """
    outcome = Outcome()
    for channel, status in file_says.items():
        if status in CLOSED:
            outcome += _refusal(channel, status, known)
        else:
            outcome += _yes(channel, targets.get(channel, ""), known, yes_purposes, channel in named)
    if sms_field_counts and file_says.get(Channel.SMS) not in CLOSED:
        outcome += _sms_field(targets.get(Channel.SMS, ""), known, outcome.entries)
    return outcome


def _refusal(channel: str, status: str, known: Mapping[Key, Known]) -> Outcome:
    entries = tuple(
        NewEntry(channel, purpose.value, status, ConsentSource.IMPORT.value)
        for purpose in Purpose
        if _refusal_counts(status, known.get((channel, purpose), NOTHING_SAID))
    )
    latest = (known.get((channel, purpose), NOTHING_SAID) for purpose in Purpose)
    by_hand = any(entry.status == ConsentStatus.YES and entry.source not in AUTOMATIC for entry in latest)
    return Outcome(entries, yes_stays=(channel,) if by_hand else ())


def _refusal_counts(status: str, latest: Known) -> bool:
    if latest.status == ConsentStatus.UNKNOWN:
        return True
    if latest.source not in AUTOMATIC or latest.status == ConsentStatus.REVOKED:
        return False
    return latest.status != status


def without_yes(file_says: Mapping[str, str], channels: Collection[str]) -> dict[str, str]:
    """What a row says, without its "ja" for these channels: somebody who may be the same person said no there."""
    return {channel: status for channel, status in file_says.items() if status in CLOSED or channel not in channels}


def closed_channels(known: Mapping[Key, Known]) -> frozenset[str]:
    """Channels with a no or a withdrawal that no file may lift."""
    return frozenset(channel for (channel, _), entry in known.items() if entry.status in CLOSED and not _may_be_lifted(entry))


def _yes(channel: str, target: str, known: Mapping[Key, Known], yes_purposes: Collection[str], named: bool) -> Outcome:
    if not target and channel != Channel.LETTER:
        return Outcome(without_target=(channel,))
    latest = {purpose: known.get((channel, purpose), NOTHING_SAID) for purpose in yes_purposes}
    new = [purpose for purpose, entry in latest.items() if _yes_counts(target, entry)]
    moved = [purpose for purpose in new if latest[purpose].status == ConsentStatus.YES]
    entries = tuple(
        NewEntry(channel, purpose, ConsentStatus.YES.value, ConsentSource.IMPORT.value, target)
        for purpose in new
        if named or purpose not in moved
    )
    opt_out = any(entry.status in CLOSED and not _may_be_lifted(entry) for entry in latest.values())
    stays = (channel,) if opt_out else ()
    return Outcome(entries, opt_out_stays=stays, not_named=(channel,) if moved and not named else ())


def _yes_counts(target: str, latest: Known) -> bool:
    """A "ja" is new if nothing is known, for another address than before, or where only an earlier file said no."""
    if latest.status == ConsentStatus.UNKNOWN or _may_be_lifted(latest):
        return True
    return latest.status == ConsentStatus.YES and latest.target != target


def _may_be_lifted(latest: Known) -> bool:
    return latest.status == ConsentStatus.NO and latest.source in AUTOMATIC


def _sms_field(number: str, known: Mapping[Key, Known], already: tuple[NewEntry, ...]) -> Outcome:
    """Reminders for a number in the field SMS, as if somebody had typed it there; needless beside a "ja" for the same."""
    key = (Channel.SMS.value, Purpose.APPOINTMENT.value)
    latest = known.get(key, NOTHING_SAID)
    covered = any((entry.channel, entry.purpose) == key for entry in already)
    if covered or not sms_field_opens(latest.status, latest.target, number):
        return Outcome()
    return Outcome((NewEntry(*key, ConsentStatus.YES.value, ConsentSource.SMS_FIELD.value, number),))
