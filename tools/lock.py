"""Writes the lock files anew: requirements/*.txt by pip-tools, package-lock.json by npm.

A lock file names versions and hashes. It names no address: where packages come from is the machine's own affair.
With --upgrade the Python packages move to their newest versions; those of npm are named in package.json.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.node import ROOT, run_npm

REQUIREMENTS = ("base", "dev", "bench", "node")  # in this order: dev is bound to what base chose
NPM_FOLDERS = (ROOT, ROOT / "tests" / "benchmarks")
COMPILE = [
    *(sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"),
]


def main(arguments: list[str]) -> int:
    for name in REQUIREMENTS:
        lock_python(name, arguments)
    for folder in NPM_FOLDERS:
        lock_npm(folder)
    return 0


def lock_python(name: str, arguments: list[str]) -> None:
    # Only the public index: packages that a machine builds or mirrors for itself have hashes that nobody else can get.
    environment = {key: value for key, value in os.environ.items() if key not in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "CUSTOM_COMPILE_COMMAND": "make lock"}
    command = [*COMPILE, *arguments, "--output-file", f"{name}.txt", f"{name}.in"]
    subprocess.run(command, cwd=ROOT / "requirements", env=environment, check=True)


def lock_npm(folder: Path) -> None:
    if status := run_npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--prefix", str(folder)):
        raise SystemExit(status)
    lock_file = folder / "package-lock.json"
    lock = json.loads(lock_file.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)  # an address, and nothing that an installation needs
    lock_file.write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
