"""A tiny app around the components: the gallery page, the bare pages, a selection kept in memory. For looking and for tests.

`python -m tests.web.gallery [port]` shows it in a browser.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, current_app, redirect, render_template, render_template_string, request, url_for

from blueprints import page_frame

ROOT = Path(__file__).parents[2]
ICONS = {
    "Start": "home",
    "Patientensuche": "search",
    "Termine": "calendar",
    "Patienten": "users",
    "Interessenten": "user-plus",
    "Abfragen": "database-search",
    "Versand": "send",
    "Erinnerungen": "bell",
    "Vorlagen": "template",
    "Verwaltung": "settings",
}
NAMES = [
    "Groß, Prof. Dr. Ute",
    "Winter, Alex",
    "Müßig, Dr. Jörg",
    "von der Heyden-Schmidtbauer, Maria-Magdalena Friederike",
    "Ödön, Zoë",
    "Ng, Li",
]
REASONS = ["", "keine Einwilligung für Terminerinnerungen per E-Mail", "keine E-Mail-Adresse: bitte nachtragen"]
POLICY = "default-src 'self'"
ALL = 150
BAR = '{% from "_components/people_table.html" import action_bar %}{{ action_bar(selection) }}'
PANEL = (
    '{% from "_components/side_panel.html" import side_panel %}{% from "_components/lists.html" import definition_list %}'
    '{% call side_panel("Groß, Prof. Dr. Ute", "/people/1", "Patientin, 58 Jahre, Nummer 10001") %}'
    "{{ definition_list(facts) }}{% endcall %}"
)


@dataclass
class Memory:
    """What the sample server was told."""

    ticked: set[str] = field(default_factory=set)
    operations: list[str] = field(default_factory=list)
    acted: list[dict[str, list[str]]] = field(default_factory=list)
    kept_alive: int = 0
    broken: bool = False


def gallery_app(**frame: Any) -> Flask:
    """Build the sample app; `frame` replaces values every page gets (idle_minutes, alarms, is_demo …)."""
    app = Flask("gallery", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(SECRET_KEY="only for the gallery", WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    page_frame.init_app(app)
    # It asks the store who is signed in; here it is always the same person.
    app.template_context_processors[None].remove(page_frame.frame)
    app.extensions["memory"] = Memory()
    app.context_processor(lambda: sample_frame() | frame)
    app.after_request(strict)
    for rule, method, endpoint, view in ROUTES:
        app.add_url_rule(rule, endpoint, view, methods=[method])
    return app


def strict(response: Any) -> Any:
    response.headers.update({"Content-Security-Policy": POLICY, "Vary": "HX-Request"})
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def sample_frame() -> dict[str, Any]:
    entries = [
        SimpleNamespace(label=label, icon=icon, url=f"#{icon}", active=label == "Patientensuche", badge={"Versand": 3}.get(label))
        for label, icon in ICONS.items()
    ]
    user = SimpleNamespace(display_name="Anna Empfang", role="staff", is_authenticated=True)
    return {"nav_entries": entries, "alarms": [], "is_demo": True, "idle_minutes": 20, "current_user": user}


def people(kept: Memory, page: int, size: int) -> list[SimpleNamespace]:
    numbers = range((page - 1) * size + 1, min(page * size, ALL) + 1)
    return [
        SimpleNamespace(
            id=n,
            name=NAMES[n % 6],
            record_url=f"/people/{n}",
            panel_url=f"/people/{n}/panel",
            selected=str(n) in kept.ticked,
            problem=n % 6 == 2,
            born="14.02.1968",
            number=10000 + n,
            email="" if n % 6 == 2 else "ute.gross@example.org",
            allowed=n % 3 != 1,
            reason=REASONS[n % 3],
        )
        for n in numbers
    ]


def selection(kept: Memory) -> dict[str, Any]:
    return {
        "url": url_for("change_selection", q="groß"),
        "action_url": url_for("act"),
        "scope": "people",
        "count": len(kept.ticked),
        "hits": ALL,
        "hits_selected": len(kept.ticked),
        "noun": ("Person", "Personen"),
        "next": url_for("gallery"),
    }


def memory() -> Memory:
    return current_app.extensions["memory"]


def gallery() -> str:
    page, size = int(request.args.get("page", 1)), request.args.get("per_page", "25")
    values = {
        "people": people(memory(), page, ALL if size == "all" else int(size)),
        "selection": selection(memory()),
        "page": page,
        "per_page": size,
        "total": ALL,
        "sort": request.args.get("sort", "name"),
        "args": {"q": request.args.get("q", ""), "sort": "name"},
    }
    name = "gallery_people" if request.headers.get("HX-Request") else "gallery"
    return render_template(f"_components/{name}.html", **values)


def panel(person: int) -> str:
    facts = [("Handy", "0171 3920001"), ("E-Mail", "ute.gross@example.org"), ("Nr.", person)]
    return render_template_string(PANEL, facts=facts)


def error(code: int) -> str:
    return render_template(f"errors/{code}.html")


def record(person: int) -> str:
    return render_template("errors/404.html", text=f"Karteikarte {person} gibt es nur im Programm.")


def login() -> str:
    wrong = "wrong" in request.args
    message = "Benutzername oder Kennwort stimmt nicht. Bitte prüfen Sie auch die Feststelltaste." if wrong else None
    values = {"username": "anna" if wrong else ""}
    return render_template("auth/login.html", form_values=values, error=message, next=request.args.get("next"))


def logout() -> tuple[str, int, dict[str, str]]:
    memory().operations.append("logout")
    return "", 204, {"HX-Redirect": url_for("auth.login", next=request.form["next"])}


def account() -> str:
    return render_template("errors/404.html")


def keep_alive() -> tuple[str, int]:
    memory().kept_alive += 1
    return "", 204


def pause() -> tuple[str, int]:
    problem = {"text": "Der Versand ist schon fertig.", "cure": "Bitte laden Sie die Seite neu.", "detail": "state=finished"}
    return render_template("_problem.html", problem=problem), 409


def discard() -> Any:
    memory().operations.append("discard")
    return redirect(url_for("gallery"), code=303)


def save() -> tuple[str, int]:
    return render_template("_components/gallery_form.html"), 422


def change_selection() -> Any:
    if memory().broken:
        return render_template("_problem.html", problem={"text": "Die Auswahl konnte nicht gespeichert werden."}), 503
    memory().operations.append(request.form["op"])
    apply(memory(), request.form["op"], set(request.form.getlist("row")), set(request.form.getlist("shown")))
    if not request.headers.get("HX-Request"):
        return redirect(url_for("gallery"), code=303)
    return render_template_string(BAR, selection=selection(memory()))


def act() -> Any:
    memory().acted.append(request.form.to_dict(flat=False))
    return redirect(url_for("gallery"), code=303)


def apply(kept: Memory, operation: str, rows: set[str], shown: set[str]) -> None:
    everyone = {str(n) for n in range(1, ALL + 1)}
    ticked = kept.ticked
    after = {"add": ticked | rows, "remove": ticked - rows, "page": (ticked - shown) | rows, "clear": set(), "add_hits": everyone}
    kept.ticked = after[operation]


ROUTES = [
    ("/", "GET", "gallery", gallery),
    ("/people/<int:person>/panel", "GET", "panel", panel),
    ("/people/<int:person>", "GET", "record", record),
    ("/errors/<int:code>", "GET", "error", error),
    ("/login", "GET", "auth.login", login),
    ("/logout", "POST", "auth.logout", logout),
    ("/account", "GET", "auth.account", account),
    ("/session/keep-alive", "POST", "auth.keep_alive", keep_alive),
    ("/pause", "POST", "pause", pause),
    ("/discard", "POST", "discard", discard),
    ("/save", "POST", "save", save),
    ("/selection", "POST", "change_selection", change_selection),
    ("/act", "POST", "act", act),
]


if __name__ == "__main__":
    gallery_app().run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8011)
