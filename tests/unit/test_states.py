"""The full matrix of every state table, beside the diagram of the design as people read it."""

from __future__ import annotations

from enum import StrEnum

import pytest

from messaging.domain import states
from messaging.domain.states import (
    DISPATCH_STEPS,
    DRAFT_STEPS,
    MESSAGE_STEPS,
    DispatchState,
    DraftState,
    ForbiddenStep,
    MessageState,
    may_step,
    require_step,
)

#: "a -> b c": from a to b and from a to c. Lines after a "#" go beyond the design's drawing, and say why.
DRAFT = """
open -> confirmed discarded
discarded -> open                       # undo
"""
DISPATCH = """
scheduled -> running cancelled
running -> paused finished cancelled
paused -> running finished cancelled
scheduled -> paused                     # a person stops it before its time
paused -> scheduled                     # and lets it wait for its time again
finished -> running                     # "erneut senden" for a doubtful message, or a late answer that it was not taken
"""
MESSAGE = """
queued -> sending skipped cancelled
sending -> sent retrying failed unknown
retrying -> sending skipped cancelled
sent -> delivered bounced
sending -> queued                       # given back: the hand-over never began, or the server took nothing from anybody
sending -> skipped cancelled            # found unfit while claiming; cancelled while claimed
delivered -> bounced                    # some servers bounce after all
unknown -> sent queued                  # a person decides
unknown -> sent failed retrying         # the worker was only slow: its answer is the truth
unknown -> cancelled                    # the same, of a dispatch that was cancelled meanwhile
"""
TABLES = [
    pytest.param(DRAFT_STEPS, DraftState, DRAFT, id="draft"),
    pytest.param(DISPATCH_STEPS, DispatchState, DISPATCH, id="dispatch"),
    pytest.param(MESSAGE_STEPS, MessageState, MESSAGE, id="message"),
]


def steps_of(diagram: str) -> set[tuple[str, str]]:
    steps = set()
    for line in diagram.strip().splitlines():
        here, _, there = line.partition("#")[0].partition("->")
        steps |= {(here.strip(), each) for each in there.split()}
    return steps


@pytest.mark.parametrize(("table", "kind", "diagram"), TABLES)
def test_every_pair_of_states_is_a_step_exactly_if_the_diagram_says_so(table: dict, kind: type[StrEnum], diagram: str) -> None:
    drawn = steps_of(diagram)

    for here in kind:
        for there in kind:
            assert may_step(table, here, there) is ((here, there) in drawn), f"{here} -> {there}"


@pytest.mark.parametrize(("table", "kind", "diagram"), TABLES)
def test_a_diagram_names_only_states_that_there_are(table: dict, kind: type[StrEnum], diagram: str) -> None:
    assert {state for step in steps_of(diagram) for state in step} <= {*kind}
    assert set(table) == {*kind}


@pytest.mark.parametrize(("table", "kind", "diagram"), TABLES)
def test_a_forbidden_step_is_an_error_and_a_permitted_one_is_not(table: dict, kind: type[StrEnum], diagram: str) -> None:
    drawn = steps_of(diagram)

    for here in kind:
        for there in kind:
            if (here, there) in drawn:
                require_step(table, here, there)
            else:
                with pytest.raises(ForbiddenStep):
                    require_step(table, here, there)


def test_a_state_from_nowhere_leads_nowhere() -> None:
    assert not may_step(MESSAGE_STEPS, "lost", MessageState.SENT)
    assert not may_step(MESSAGE_STEPS, MessageState.QUEUED, "lost")


def test_open_messages_are_those_that_a_machine_still_moves() -> None:
    """What is neither open nor doubtful is final: no machine and no person moves it but a bounce."""
    final = {state for state in MessageState if state not in states.OPEN_MESSAGES and state != MessageState.UNKNOWN}

    assert {there for state in final for there in MESSAGE_STEPS[state]} <= {MessageState.DELIVERED, MessageState.BOUNCED}
    assert all(MESSAGE_STEPS[state] for state in states.OPEN_MESSAGES)


def test_what_can_be_claimed_leads_to_sending_and_nothing_else_does() -> None:
    assert {state for state in MessageState if may_step(MESSAGE_STEPS, state, MessageState.SENDING)} == {*states.CLAIMABLE}
    assert {*states.CLAIMABLE} < {*states.OPEN_MESSAGES}


def test_nobody_gets_out_of_a_cancelled_dispatch() -> None:
    assert DISPATCH_STEPS[DispatchState.CANCELLED] == frozenset()
    assert {state for state in DispatchState if may_step(DISPATCH_STEPS, state, DispatchState.CANCELLED)} == {
        *states.LIVE_DISPATCHES
    }
