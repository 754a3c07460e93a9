"""Every action that is recorded anywhere has its German sentence."""

from __future__ import annotations

import ast
from pathlib import Path

from messaging.services import audit

ROOT = Path(__file__).parent.parent

#: file -> what it records under a computed name
COMPUTED = {
    "messaging/services/dispatching.py": {
        "dispatch_paused",
        "dispatch_resumed",
        "dispatch_cancelled",
        "unknown_settled_sent",
        "unknown_settled_again",
    },
    "messaging/services/drafts.py": {"draft_discarded", "draft_restored"},
    "messaging/services/users.py": {"password_changed", "user_password_reset"},
}


def test_every_recorded_action_has_a_sentence() -> None:
    named = {action for _, action in recorded() if action is not None}

    assert named | set().union(*COMPUTED.values()) == set(audit.ACTIONS)


def test_computed_names_are_listed_here() -> None:
    assert {file for file, action in recorded() if action is None} == set(COMPUTED)


def test_every_action_belongs_to_a_group_of_the_filter() -> None:
    assert {group for group, _ in audit.ACTIONS.values()} == set(audit.GROUPS)


def recorded() -> list[tuple[str, str | None]]:
    """File and action of every call of `audit.record`; None for an action that is not written out there."""
    found = []
    for folder in ("blueprints", "jobs", "messaging"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record":
                    found += [(str(file.relative_to(ROOT)), action) for action in written_out(call.args[3])]
    return found


def written_out(expression: ast.expr) -> list[str | None]:
    if isinstance(expression, ast.IfExp):
        return [*written_out(expression.body), *written_out(expression.orelse)]
    return [expression.value if isinstance(expression, ast.Constant) else None]
