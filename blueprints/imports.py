"""Import: upload a file, match its columns, look at the dry run, take it over. The rows are carried by a worker.

Views move the run one step and show where it stands; what may happen in which state is for `services.import_runs` to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from blueprints.access import current_user_id, may_open, needs, passive
from blueprints.answers import go, page_or_fragment, wants_fragment
from blueprints.list_requests import list_page
from jobs import importing
from jobs.clock import now
from messaging.domain.errors import Problem
from messaging.domain.form_errors import FormRefused
from messaging.domain.words import PURPOSE_LABELS, Purpose, Role
from messaging.importers import columns, problems
from messaging.importers.columns import APPOINTMENTS, KIND_LABELS, KINDS, PATIENTS, PROSPECTS
from messaging.importers.problems import FileRefused, Severity
from messaging.models import ImportRun
from messaging.services import import_files, import_report, import_runs
from messaging.services.import_batches import COUNTED
from messaging.services.import_report import SEVERITY_LABELS
from messaging.services.import_states import RUN_LABELS, RunState, Standing, standing

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

#: kind -> (one, many, what its list is called)
NOUNS = {PATIENTS: ("Patient", "Patienten"), PROSPECTS: ("Interessent", "Interessenten"), APPOINTMENTS: ("Termin", "Termine")}
LISTS = {PATIENTS: "people.patients", PROSPECTS: "people.prospects", APPOINTMENTS: "appointments.index"}

KIND_CHOICES = [
    (PATIENTS, KIND_LABELS[PATIENTS], "Wiedererkannt an der Patientennummer."),
    (PROSPECTS, KIND_LABELS[PROSPECTS], "Wiedererkannt an der Interessentennummer."),
    (APPOINTMENTS, KIND_LABELS[APPOINTMENTS], "Wiedererkannt an der Terminnummer. Die Patienten müssen schon da sein."),
]
NO_KIND = Problem(
    "import_no_kind", "Es ist nicht gesagt, was die Datei enthält.", "Bitte Patienten, Interessenten oder Termine wählen."
)
NO_FILE = Problem("import_no_file", "Es ist keine Datei gewählt.", "Bitte eine CSV-Datei wählen.")


@blueprint.get("")
@needs(Role.STAFF)
def index() -> Response:
    return upload_form(known_kind(request.args) or PATIENTS)


@blueprint.post("")
@needs(Role.STAFF)
def create() -> Response:
    kind = request.form.get("kind", "")
    file = request.files.get("file")
    if missing := {name: what for name, what, given in (("kind", NO_KIND, kind in KINDS), ("file", NO_FILE, file)) if not given}:
        return upload_form(kind, missing)
    try:
        run_id = import_runs.upload(importing.folder(), file.stream, file.filename, kind, current_user_id(), now())
    except FileRefused as refused:
        return upload_form(kind, {"file": refused.problem})
    return go("imports.show", run_id=run_id)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> Response:
    """The server stopped reading, so nothing else of the form is known."""
    return upload_form(PATIENTS, {"file": problems.too_large(import_files.LARGEST_MEGABYTES)})


@blueprint.get("/<int:run_id>")
@needs(Role.STAFF)
def show(run_id: int) -> Response:
    run = run_of(run_id)
    if wants_fragment():
        return page_or_fragment("imports/_report.html", "imports/_report.html", **report_values(run))
    if run.state == RunState.UPLOADED:
        return columns_form(run)
    return make_response(render_template("imports/show.html", **run_values(run)))


@blueprint.get("/<int:run_id>/progress")
@needs(Role.STAFF)
@passive
def progress(run_id: int) -> Response:
    run = run_of(run_id)
    if not wants_fragment():
        return go("imports.show", run_id=run_id)
    return page_or_fragment("imports/_run.html", "imports/_run.html", **run_values(run))


@blueprint.get("/<int:run_id>/columns")
@needs(Role.STAFF)
def edit_columns(run_id: int) -> Response:
    run = run_of(run_id)
    return columns_form(run) if run.state in (RunState.UPLOADED, RunState.CHECKED) else go("imports.show", run_id=run_id)


@blueprint.post("/<int:run_id>/check")
@needs(Role.STAFF)
def check(run_id: int) -> Response:
    run = run_of(run_id)
    purposes = request.form.getlist("purposes")
    try:
        import_runs.start(run_id, chosen_columns(run), purposes, now())
    except FormRefused as refused:
        return columns_form(run, purposes, refused.sentences)
    importing.wake_import(run_id)
    return go("imports.show", run_id=run_id)


@blueprint.post("/<int:run_id>/apply")
@needs(Role.STAFF)
def apply(run_id: int) -> Response:
    run = run_of(run_id)
    if run.state not in (RunState.APPLYING, RunState.DONE):  # a second press ends on the import that runs already
        import_runs.start_apply(run_id, now())
        importing.wake_import(run_id)
    return go("imports.show", run_id=run_id)


@blueprint.post("/<int:run_id>/resume")
@needs(Role.STAFF)
def resume(run_id: int) -> Response:
    run_of(run_id)
    import_runs.resume(run_id, now())
    importing.wake_import(run_id)
    return go("imports.show", run_id=run_id)


@blueprint.post("/<int:run_id>/discard")
@needs(Role.STAFF)
def discard(run_id: int) -> Response:
    if run_of(run_id).state != RunState.DISCARDED:
        import_runs.discard(run_id, importing.folder(), now())
    return go("imports.index", kind=known_kind(request.form))


@blueprint.get("/<int:run_id>/report.csv")
@needs(Role.STAFF)
def report(run_id: int) -> Response:
    run_of(run_id)
    headers = {"Content-Disposition": f'attachment; filename="importbericht-{run_id}.csv"'}
    return Response(import_report.as_csv(run_id), mimetype="text/csv", headers=headers)


def run_of(run_id: int) -> ImportRun:
    try:
        return import_runs.fetch(run_id)
    except LookupError:
        abort(404)


def known_kind(values: Mapping[str, str]) -> str | None:
    """The kind that the address or a form names, if there is such a kind."""
    kind = values.get("kind", "")
    return kind if kind in KINDS else None


def chosen_columns(run: ImportRun) -> dict[int, str]:
    """Position -> field as the form says; columns without a choice are not taken over."""
    chosen = {position: request.form.get(f"column-{position}", "") for position in range(len(run.options["head"]))}
    return {position: field for position, field in chosen.items() if field}


def upload_form(kind: str, refusals: Mapping[str, Problem] | None = None) -> Response:
    """`refusals`: field -> what is wrong with it."""
    values = {
        "kind": kind,
        "kind_choices": KIND_CHOICES,
        "errors": {name: problem.text for name, problem in (refusals or {}).items()},
        "megabytes": import_files.LARGEST_MEGABYTES,
        "runs": import_runs.last_runs(),
        "kind_labels": KIND_LABELS,
        "run_labels": RUN_LABELS,
    }
    return make_response(render_template("imports/index.html", **values), 422 if refusals else 200)


def columns_form(run: ImportRun, purposes: list[str] | None = None, errors: dict[str, str] | None = None) -> Response:
    """`purposes` and `errors` are those of a form that was refused; else what is stored."""
    doubtful = import_runs.doubtful_kind(run)
    values = {
        "run": run,
        "rows": import_runs.columns_of(run, importing.folder(), chosen_columns(run) if errors else None),
        "fields": list(columns.known_fields(run.kind).items()),
        "must": columns.missing_fields((), run.kind),
        "purposes": run.options["yes_purposes"] if purposes is None else purposes,
        "purpose_labels": [(purpose.value, PURPOSE_LABELS[purpose]) for purpose in Purpose],
        "errors": errors or {},
        "imported_before": import_runs.imported_before(run),
        "doubtful_kind": doubtful,
        "doubt": problems.doubtful_kind(KIND_LABELS[doubtful]) if doubtful else None,
        "kind_labels": KIND_LABELS,
    }
    return page_or_fragment("imports/columns.html", "imports/_columns.html", status=422 if errors else 200, **values)


def run_values(run: ImportRun) -> dict[str, Any]:
    """What the page of a run shows: how it stands, its numbers, and its report once it has ended."""
    stands = standing(run.state, run.worker, run.progress_at, run.claims, now())
    counts = {name: run.counts.get(name, 0) for name in COUNTED}
    return {
        "run": run,
        "standing": stands,
        "counts": counts,
        "to_write": counts["created"] + counts["updated"],
        "nouns": NOUNS[run.kind],
        "kind_label": KIND_LABELS[run.kind],
        "poll_url": None if stands == Standing.ENDED else url_for("imports.progress", run_id=run.id),
        "list_url": url_for(LISTS[run.kind]) if may_open(LISTS[run.kind]) else None,
        "frequent": import_report.frequent(run.id) if stands == Standing.ENDED else [],
        **report_values(run),
    }


def report_values(run: ImportRun) -> dict[str, Any]:
    """One page of the report under the filter of the address."""
    severity = request.args.get("filter", "")
    severity = severity if severity in {*Severity} else ""
    numbers = import_report.numbers(run.id)
    total = numbers[severity] if severity else sum(numbers.values())
    part = list_page(request.args).within(total)
    return {
        "run": run,
        "lines": import_report.page(run.id, severity or None, part.number, part.size),
        "part": part,
        "total": total,
        "args": {"run_id": run.id, "per_page": part.per_page, **({"filter": severity} if severity else {})},
        "chips": report_chips(run, severity, numbers),
        "severity_labels": SEVERITY_LABELS,
    }


def report_chips(run: ImportRun, shown: str, numbers: dict[str, int]) -> list[tuple[str, str, bool, int]]:
    every = [("", "Alle", sum(numbers.values()))]
    named = [(severity.value, words, numbers[severity]) for severity, words in REPORT_FILTERS]
    return [(words, url_for("imports.show", run_id=run.id, **({"filter": name} if name else {})), name == shown, number)
            for name, words, number in every + named]  # fmt: skip


REPORT_FILTERS = ((Severity.REFUSED, "Abgewiesen"), (Severity.WARNING, "Hinweise"))
