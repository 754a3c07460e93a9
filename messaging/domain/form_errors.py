"""What is wrong with a typed form: one problem per field, so that each sentence stands where it belongs. No rules live here."""

from __future__ import annotations

from collections.abc import Mapping

from messaging.domain.errors import DomainError, Problem


class FormRefused(DomainError):
    """A form cannot be saved as it is. `problems`: field -> problem, in the order of the form, never empty."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = dict(problems)

    @property
    def sentences(self) -> dict[str, str]:
        """Field -> what stands beside it."""
        return {name: problem.text for name, problem in self.problems.items()}


def refuse(problems: Mapping[str, Problem]) -> None:
    """Raise FormRefused if there is anything to complain about."""
    if problems:
        raise FormRefused(problems)
