"""Plans a batch in which a number may stand more than once: the first row that is taken over keeps the later ones out.

Whether a row is taken over is known only when it is planned, so a repeated number waits for the next round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from messaging.importers import problems
from messaging.importers.problems import RowProblem, Severity
from messaging.importers.repeats import Repeats
from messaging.services.import_batches import Plan, Task

MakePlan = Callable[[Session, Sequence[Any], Task], Plan]


@dataclass(slots=True)
class Rounds:
    """The plans of one batch; mostly there is one. `taken`: number -> the row of this batch that is taken over."""

    plans: list[Plan] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[str]:
        return sum((plan.counts for plan in self.plans), Counter())

    @property
    def problems(self) -> list[RowProblem]:
        return [problem for plan in self.plans for problem in plan.problems]

    def still_holds(self, session: Session) -> bool:
        """Tell, under the lock, whether nobody changed anything since the plans were made."""
        return all(plan.still_holds(session) for plan in self.plans)

    def write(self, session: Session) -> None:
        """Write the rows inside the caller's transaction."""
        for plan in self.plans:
            plan.write(session)


def plan(make_plan: MakePlan, session: Session, rows: Sequence[Any], task: Task, repeats: Repeats) -> Rounds:
    """Compare a batch with what is stored. Reads only."""
    rounds = Rounds()
    waiting = rows
    while waiting:
        chosen, waiting = _next_round(waiting, rounds.taken, task, repeats)
        part = make_plan(session, chosen, task)
        refused = {problem.row for problem in part.problems if problem.severity is Severity.REFUSED}
        rounds.taken |= {row.number: row.row for row in chosen if row.row not in refused}
        rounds.plans.append(part)
    return rounds


def _next_round(rows: Sequence[Any], taken: Mapping[str, int], task: Task, repeats: Repeats) -> tuple[list[Any], list[Any]]:
    """The rows that can be planned now, each number once, and those that wait for what becomes of an earlier one."""
    chosen, waiting, numbers = [], [], set()
    for row in rows:
        if row.refused:
            chosen.append(row)
        elif first := taken.get(row.number) or repeats.earlier_row(row.number):
            chosen.append(_repeated(row, first, task))
        elif row.number in numbers:
            waiting.append(row)
        else:
            chosen.append(row)
            numbers.add(row.number)
    return chosen, waiting


def _repeated(row: Any, first: int, task: Task) -> Any:
    problem = RowProblem.of(row.row, task.names["number"], row.number, Severity.REFUSED, problems.repeated_number(first))
    return replace(row, refused=True, problems=[problem])
