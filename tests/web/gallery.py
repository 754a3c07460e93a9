"""A tiny app around the components: the gallery page, the bare pages and a selection kept in memory. For looking and for tests only.

`python -m tests.web.gallery [port]` shows it in a browser.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, redirect, render_template, render_template_string, request, url_for

from blueprints import page_frame

ROOT = Path(__file__).parents[2]
ICONS = {"Start": "home", "Patientensuche": "search", "Termine": "calendar", "Patienten": "users", "Interessenten": "user-plus",
         "Abfragen": "database-search", "Versand": "send", "Erinnerungen": "bell", "Vorlagen": "template", "Verwaltung": "settings"}  # fmt: skip
NAMES = ["Groß, Prof. Dr. Ute", "Winter, Alex", "Müßig, Dr. Jörg", "von der Heyden-Schmidtbauer, Maria-Magdalena Friederike", "Ödön, Zoë", "Ng, Li"]
POLICY = "default-src 'self'"
ALL = 150


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
    app.extensions["memory"] = memory = Memory()
    app.context_processor(lambda: sample_frame() | frame)
    app.after_request(strict)
    add_pages(app, memory)
    add_selection(app, memory)
    return app


def strict(response: Any) -> Any:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def sample_frame() -> dict[str, Any]:
    entries = [SimpleNamespace(label=label, icon=icon, url=f"#{icon}", active=label == "Patientensuche", badge={"Versand": 3}.get(label)) for label, icon in ICONS.items()]
    user = SimpleNamespace(display_name="Anna Empfang", role="staff", is_authenticated=True)
    return {"nav_entries": entries, "alarms": [], "is_demo": True, "idle_minutes": 20, "current_user": user}


def people(memory: Memory, page: int, size: int) -> list[SimpleNamespace]:
    numbers = range((page - 1) * size + 1, min(page * size, ALL) + 1)
    return [
        SimpleNamespace(id=n, name=NAMES[n % 6], record_url=f"/people/{n}", panel_url=f"/people/{n}/panel", selected=str(n) in memory.ticked, problem=n % 6 == 2,
                        born="14.02.1968", number=10000 + n, email="" if n % 6 == 2 else "ute.gross@example.org", allowed=n % 3 != 1,
                        reason=["", "keine Einwilligung für Terminerinnerungen per E-Mail", "keine E-Mail-Adresse: bitte nachtragen"][n % 3])
        for n in numbers
    ]  # fmt: skip


def selection(memory: Memory) -> dict[str, Any]:
    return {"url": url_for("change_selection", q="groß"), "action_url": url_for("act"), "scope": "people", "count": len(memory.ticked),
            "hits": ALL, "hits_selected": len(memory.ticked), "noun": ("Person", "Personen"), "next": url_for("gallery")}  # fmt: skip


def add_pages(app: Flask, memory: Memory) -> None:
    @app.get("/")
    def gallery() -> str:
        page, size = int(request.args.get("page", 1)), request.args.get("per_page", "25")
        values = {"people": people(memory, page, ALL if size == "all" else int(size)), "selection": selection(memory), "page": page, "per_page": size,
                  "total": ALL, "sort": request.args.get("sort", "name"), "args": {"q": request.args.get("q", ""), "sort": "name"}}  # fmt: skip
        return render_template("_components/gallery_people.html" if request.headers.get("HX-Request") else "_components/gallery.html", **values)

    @app.get("/people/<int:person>/panel")
    def panel(person: int) -> str:
        return render_template_string(
            '{% from "_components/side_panel.html" import side_panel %}{% from "_components/lists.html" import definition_list %}'
            '{% call side_panel("Groß, Prof. Dr. Ute", "/people/1", "Patientin, 58 Jahre, Nummer 10001") %}'
            '{{ definition_list([("Handy", "0171 3920001"), ("E-Mail", "ute.gross@example.org"), ("Nr.", number)]) }}{% endcall %}',
            number=person,
        )

    @app.get("/people/<int:person>")
    def record(person: int) -> str:
        return render_template("errors/404.html")

    @app.get("/errors/<int:code>")
    def error(code: int) -> str:
        return render_template(f"errors/{code}.html")

    @app.get("/login", endpoint="auth.login")
    def login() -> str:
        wrong = "wrong" in request.args
        message = "Benutzername oder Kennwort stimmt nicht. Bitte prüfen Sie auch die Feststelltaste." if wrong else None
        return render_template("auth/login.html", form_values={"username": "anna" if wrong else ""}, error=message, next=request.args.get("next"))

    @app.post("/logout", endpoint="auth.logout")
    def logout() -> tuple[str, int]:
        return "", 204

    @app.post("/session/keep-alive", endpoint="auth.keep_alive")
    def keep_alive() -> tuple[str, int]:
        memory.kept_alive += 1
        return "", 204

    @app.post("/pause")
    def pause() -> tuple[str, int]:
        problem = {"text": "Der Versand ist schon fertig.", "cure": "Bitte laden Sie die Seite neu.", "detail": "state=finished"}
        return render_template("_problem.html", problem=problem), 409


def add_selection(app: Flask, memory: Memory) -> None:
    @app.post("/selection")
    def change_selection() -> Any:
        if memory.broken:
            return render_template("_problem.html", problem={"text": "Die Auswahl konnte nicht gespeichert werden."}), 503
        operation = request.form["op"]
        memory.operations.append(operation)
        apply(memory, operation, request.form.getlist("row"), request.form.getlist("shown"))
        if not request.headers.get("HX-Request"):
            return redirect(url_for("gallery"), code=303)
        bar = '{% from "_components/people_table.html" import action_bar %}{{ action_bar(selection) }}'
        return render_template_string(bar, selection=selection(memory))

    @app.post("/act")
    def act() -> Any:
        memory.acted.append(request.form.to_dict(flat=False))
        return redirect(url_for("gallery"), code=303)


def apply(memory: Memory, operation: str, rows: list[str], shown: list[str]) -> None:
    if operation == "add":
        memory.ticked |= set(rows)
    elif operation == "remove":
        memory.ticked -= set(rows)
    elif operation == "page":
        memory.ticked = (memory.ticked - set(shown)) | set(rows)
    elif operation == "clear":
        memory.ticked.clear()
    elif operation == "add_hits":
        memory.ticked = {str(n) for n in range(1, ALL + 1)}


if __name__ == "__main__":
    gallery_app().run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8011)
