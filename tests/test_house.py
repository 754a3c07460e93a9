"""House manners that a machine can check: what lock files name, how long things are, what a template may hold."""

import ast
import re
from pathlib import Path

import pytest

from blueprints.page_frame import NAVIGATION

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".git", ".venv", ".venv-bench", "node_modules", "vendor", "instance", "versions", "__pycache__"}
NOT_OURS |= {".pytest_cache", ".ruff_cache", ".hypothesis", "build"}

#: What this project wrote, by path; pictures and data aside.
TEXT = {".py", ".html", ".css", ".js", ".md", ".toml", ".txt", ".in", ".json", ".ini", ".mako", ".svg", ".yml", ""}


def our_files():
    def walk(folder):
        for path in sorted(folder.iterdir()):
            if path.is_dir() and path.name not in NOT_OURS:
                yield from walk(path)
            elif path.is_file() and path.suffix in TEXT:
                yield path.relative_to(ROOT).as_posix(), path.read_text(errors="replace")

    return dict(walk(ROOT))


FILES = our_files()
MODULES = {path: source for path, source in FILES.items() if path.endswith(".py")}
PROGRAM = {path: source for path, source in MODULES.items() if not path.startswith("tests/")}
TEMPLATES = {path: source for path, source in FILES.items() if path.startswith("templates/")}
ICONS = {line.partition("#")[0].strip() for line in FILES["tools/icons.txt"].splitlines()} - {""}

LOCKED = sorted(path for path in FILES if path.endswith("package-lock.json") or re.fullmatch(r"requirements/\w+\.txt", path))

LONGEST_FILE = 300
LONGEST_TEST_FILE = 600
LONGEST_FUNCTION = 40
LONGEST_VIEW = 20
LONGEST_FRAGMENT = 60


def test_there_is_something_to_check():
    assert {"app.py", "tests/test_house.py", "requirements/base.txt"} <= FILES.keys()
    assert len(LOCKED) >= 6


@pytest.mark.parametrize("path", LOCKED)
def test_a_lock_file_names_versions_and_hashes_but_no_address(path):
    assert re.findall(r"\S*://\S*|file:/\S*| @ .*|^-.*|--(?:extra-)?index-url|--find-links|\"resolved\"", FILES[path], re.M) == []


@pytest.mark.parametrize("path", [path for path in LOCKED if path.endswith(".txt")])
def test_every_pinned_package_has_hashes(path):
    packages = re.findall(r"^[a-z0-9.-]+==\S+[^\n]*\\\n {4}--hash=sha256:[0-9a-f]{64}", FILES[path], re.M)
    assert len(packages) == len(re.findall(r"^[a-zA-Z0-9]", FILES[path], re.M)) > 0


@pytest.mark.parametrize("path", FILES)
def test_no_file_knows_the_machine_it_was_written_on(path):
    assert re.findall(r"""(?:^|[\s"'`=:(])/(?:work|root|tmp)/[\w.-]+""", FILES[path], re.M) == []


@pytest.mark.parametrize("path", PROGRAM)
def test_a_module_says_what_lives_in_it(path):
    assert ast.get_docstring(ast.parse(PROGRAM[path]))


@pytest.mark.parametrize("path", MODULES)
def test_a_file_can_be_read_in_one_sitting(path):
    limit = LONGEST_TEST_FILE if path.startswith("tests/") else LONGEST_FILE
    assert len(MODULES[path].splitlines()) <= limit


@pytest.mark.parametrize("path", PROGRAM)
def test_functions_are_short_and_views_shorter(path):
    assert too_long(path, PROGRAM[path]) == []


def too_long(path, source):
    """Name the functions that are too long; decorators and docstring do not count."""
    return [
        f"{node.name}: {length_of(node)} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and length_of(node) > (LONGEST_VIEW if path.startswith("blueprints/") and is_view(node) else LONGEST_FUNCTION)
    ]


def length_of(function):
    docstring = function.body[0] if ast.get_docstring(function) else None
    inside = function.body[0].end_lineno - function.body[0].lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - inside


def is_view(function):
    return any(re.search(r"\.(route|get|post)\(", ast.unparse(decorator)) for decorator in function.decorator_list)


@pytest.mark.parametrize("path", PROGRAM)
def test_names_say_what_a_thing_is_and_nothing_is_left_for_later(path):
    empty_names = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools"}
    assert Path(path).stem not in empty_names
    assert re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", PROGRAM[path]) == []


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_holds_no_script_style_or_handler_and_nothing_from_outside(path):
    assert forbidden_in_template(TEMPLATES[path]) == []


def forbidden_in_template(text):
    """Name what the content security policy would refuse, or what would fetch something from another machine."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    patterns = {
        "inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
        "inline style": r"<style\b|\sstyle\s*=",
        "handler": r"[\s\"']on[a-z]+\s*=\s*[\"']|[\"']on[a-z]+[\"']\s*:|hx-on|javascript:",
        "from outside": r"\b(?:src|href|action|hx-get|hx-post)\s*=\s*[\"'](?:https?:)?//",
    }
    return [f"{name}: {match[0].strip()}" for name, pattern in patterns.items() for match in re.finditer(pattern, text, re.I)]


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "<script nonce='{{ n }}'>x()</script>",
        "<p style='color: red'>",
        "<style>p {}</style>",
        '<button onclick="x()">',
        '{{ text_field("a", attrs={"oninput": "x()"}) }}',
        '<a href="javascript:x()">',
        '<div hx-on::after-request="x()">',
        '<link href="https://example.com/a.css">',
        "<img src='//example.com/a.png'>",
    ],
)
def test_the_template_check_notices(bad):
    assert forbidden_in_template(bad)


@pytest.mark.parametrize(
    "good",
    [
        "<script src=\"{{ asset('js/app.js') }}\" defer></script>",
        '<p class="once" data-style="x">',
        "{# never style= here #}",
        '<option value="on" selected>',
        "<a href=\"{{ url_for('search.index') }}\">",
    ],
)
def test_the_template_check_allows(good):
    assert forbidden_in_template(good) == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if Path(path).name.startswith("_") and "_components" not in path])
def test_a_fragment_is_short(path):
    assert len(TEMPLATES[path].splitlines()) <= LONGEST_FRAGMENT


NAME = r"""["']([^"']+)["']"""
ICON_CALLS = rf"""\bicon\(\s*{NAME}|\bicon\s*=\s*{NAME}|["']icon["']\s*:\s*{NAME}|\bempty_state\w*\(\s*{NAME}"""


@pytest.mark.parametrize("path", [*TEMPLATES, *(path for path in PROGRAM if path.startswith("blueprints/"))])
def test_every_icon_is_in_the_sprite(path):
    text = re.sub(r"\{#.*?#\}", "", FILES[path], flags=re.S)
    used = {name for match in re.finditer(ICON_CALLS, text) for name in match.groups() if name}
    assert used - ICONS == set()


def test_every_icon_of_the_navigation_is_in_the_sprite():
    assert {icon for _, icon, _ in NAVIGATION} - ICONS == set()


def test_icons_are_drawn_by_their_macro_alone():
    assert [path for path, text in TEMPLATES.items() if re.search(r"<use\b|icons\.svg", text)] == [
        "templates/_components/icon.html"
    ]


def test_the_list_of_icons_names_each_once_in_order():
    names = [line for line in FILES["tools/icons.txt"].splitlines() if not line.startswith("#")]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("blueprints/a.py", "@bp.get('/')\ndef show():\n" + "    x = 1\n" * 20, ["show: 21 lines"]),
        ("blueprints/a.py", "def show():\n" + "    x = 1\n" * 20, []),
        ("jobs/a.py", "def run():\n" + "    x = 1\n" * 40, ["run: 41 lines"]),
        ("jobs/a.py", 'def run():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 39, []),
    ],
)
def test_the_length_check_notices(path, source, complaint):
    assert too_long(path, source) == complaint
