"""The values an edit form began with: sent along in a hidden field, only to tell who changed what. They are never stored."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flask import request


def base_of_form(fields: Iterable[str]) -> dict[str, str]:
    """The texts the form began with; unknown ones are missing, and so all of them if nobody can read them."""
    try:
        base = json.loads(request.form.get("base", "{}"))
    except ValueError:
        return {}
    return {name: str(base[name]) for name in fields if name in base} if isinstance(base, dict) else {}
