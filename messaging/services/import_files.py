"""The uploaded files of imports: kept in the data folder under random names until their run has ended, then deleted.

They hold everything that a practice knows of its patients, so only the owner of the data folder can read them. What stands in
them is read elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from messaging.importers import problems
from messaging.importers.problems import FileRefused

#: Half a million patients; more is a mistake.
LARGEST_MEGABYTES = 64

_CHUNK = 1 << 20
_STORED_NAME = re.compile(r"[0-9a-f]{32}\.csv")
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]')
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored upload: its name in the folder and the SHA-256 of its content."""

    name: str
    sha256: str


def store(folder: Path, source: BinaryIO) -> StoredFile:
    """Copy an upload into the folder, readable for its owner alone; raises FileRefused if it is too large."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{secrets.token_hex(16)}.csv"
    digest, size = hashlib.sha256(), 0
    with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > LARGEST_MEGABYTES * _CHUNK:
                break
            digest.update(chunk)
            target.write(chunk)
    if size > LARGEST_MEGABYTES * _CHUNK:
        delete(folder, name)
        raise FileRefused(problems.too_large(LARGEST_MEGABYTES))
    return StoredFile(name, digest.hexdigest())


def path_of(folder: Path, name: str) -> Path:
    """Return where a stored file is; raises FileRefused if it is there no more."""
    path = folder / name
    if not _STORED_NAME.fullmatch(name) or not path.is_file():
        raise FileRefused(problems.FILE_GONE)
    return path


def delete(folder: Path, name: str) -> None:
    """Delete a stored file; one that is gone already is no fault."""
    if _STORED_NAME.fullmatch(name):
        (folder / name).unlink(missing_ok=True)


def names_older_than(folder: Path, moment: datetime) -> list[str]:
    """Return the stored files that were last written before `moment`."""
    if not folder.is_dir():
        return []
    return [path.name for path in folder.glob("*.csv") if path.stat().st_mtime < moment.timestamp()]


def shown_name(filename: str | None) -> str:
    """Return the name under which the user knows the file, without folders and signs that no name has."""
    last = _NOT_IN_A_NAME.sub(" ", re.split(r"[/\\]", filename or "")[-1]).strip()
    return last[:_LONGEST_NAME] or "Datei.csv"
