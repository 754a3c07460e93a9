"""Secrets at rest: passwords and keys of providers are stored encrypted. Log, page and export never see them in clear."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class MasterKey:
    """The practice's one key file; what signs sessions and what encrypts secrets are derived from it separately."""

    raw: bytes

    @property
    def session_secret(self) -> bytes:
        return self._derive(b"praxispost session")

    @property
    def vault_secret(self) -> bytes:
        return self._derive(b"praxispost vault")

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(self.raw)


class Vault:
    """Encrypts and decrypts short texts (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(secret))

    def encrypt(self, clear: str) -> str:
        return self._fernet.encrypt(clear.encode()).decode() if clear else ""

    def decrypt(self, stored: str) -> str:
        """The clear text; "" for "". Raises `cryptography.fernet.InvalidToken` for what was stored with another key file."""
        return self._fernet.decrypt(stored.encode()).decode() if stored else ""


def vault() -> Vault:
    """The vault of the running app."""
    return current_app.extensions["vault"]


def load_or_create_key(path: Path) -> MasterKey:
    """Read the key file; on the very first start make one that only its owner can read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path)
    raw = base64.b64decode(path.read_text(encoding="ascii"))
    if len(raw) < KEY_BYTES:
        raise ValueError(f"the key file {path.name} is shorter than {KEY_BYTES} bytes")
    return MasterKey(raw)


def _create(path: Path) -> None:
    """Write under another name first, so that two processes starting together end with the same key."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # the other process was first; its key counts
    finally:
        fresh.unlink()
