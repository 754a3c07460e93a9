"""Runs every benchmark of this folder, each in a process of its own, and prints what they print. `make bench` calls this.

With names as arguments only those: `run.py search sending`. Ends with 1 if a figure was missed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MISSED = "MISSED"


def main(names: list[str]) -> int:
    missed = 0
    for script in sorted(HERE.glob("bench_*.py")):
        name = script.stem.removeprefix("bench_")
        if names and name not in names:
            continue
        print(f"\n== {name} ==", flush=True)
        missed += shown(script)
    print(f"\n{missed} figure(s) missed." if missed else "\nAll figures reached.")
    return 1 if missed else 0


def shown(script: Path) -> int:
    """Run one, pass its lines on as they come; returns how many say that a figure was missed. A crash ends everything."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE)))}
    command = [sys.executable, "-c", f"import {script.stem}; {script.stem}.main()"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        sys.exit(f"{script.name} ended with {process.returncode}")
    return sum(MISSED in line for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
