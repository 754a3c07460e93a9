"""How views answer: page or fragment, redirect for plain and htmx requests, problems with their status (the htmx table)."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, url_for

from blueprints.access import htmx
from messaging.domain.errors import Problem


def wants_fragment() -> bool:
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_fragment(page: str, fragment: str, /, status: int = 200, **values: Any) -> Response:
    """The fragment for htmx, else the page that includes it; both vary by the header. A list may have a value named `page`."""
    response = make_response(render_template(fragment if wants_fragment() else page, **values), status)
    response.vary.add("HX-Request")
    return response


def go(endpoint: str, /, **values: Any) -> Response:
    """To another page after a POST: `HX-Redirect` for htmx, 303 for a plain form. `endpoint` may be a path that begins with /."""
    target = endpoint if endpoint.startswith("/") else url_for(endpoint, **values)
    if htmx:
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, code=303)


def problem(what: Problem, status: int = 409, link_url: str | None = None, link_text: str | None = None) -> Response:
    """A refused step in words: into #flash for htmx, a page of its own otherwise."""
    link = {"link_url": link_url, "link_text": link_text} if link_url else {}
    if not htmx:
        return make_response(render_template("errors/409.html", text=what.text, **link), status)
    response = make_response(render_template("_problem.html", problem={"text": what.sentence, "cure": what.cure, **link}), status)
    response.headers.update({"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"})
    return response
