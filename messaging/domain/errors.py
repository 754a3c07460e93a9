"""Errors as data: a code for programs, a German sentence for people, and the cure. No sentence is assembled elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and what to do now. `code` is stable and ASCII; `sentence` and `cure` are German, whole sentences."""

    code: str
    sentence: str
    cure: str = ""

    @property
    def text(self) -> str:
        """Cure first, then the reason, as the screens show it."""
        return f"{self.cure} {self.sentence}".strip()


class DomainError(Exception):
    """A rule refused. Carries the problem, so that every floor above can show it without guessing."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem
