"""One data key per owner, wrapped by a master key, all outside the database and its backups.

What is sealed for an owner can be opened only while that owner's key exists; destroying the key erases everything that
was sealed with it, backups included (crypto-shredding). AES-256-GCM throughout (NIST SP 800-38D), random 96-bit nonces,
the owner's id as associated data.
"""

from __future__ import annotations

import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.blobs import create_once, sync
from core.errors import Invalid, NotFound, Unavailable

_VERSION = b"H1"
_NONCE = 12
_OWNER = re.compile(r"[a-z0-9_]{3,64}")


class KeyErased(NotFound):
    """The key is gone, and with it everything it sealed."""


class KeyUnusable(Unavailable):
    """A key file cannot be used as it is."""


class Keystore(Protocol):
    """Where keys are kept: files here, a key-management service elsewhere."""

    def seal(self, owner: str, data: bytes) -> bytes:
        """Encrypt for an owner, whose key is made at the first call. Raises KeyErased after `destroy`."""
        ...

    def open(self, owner: str, sealed: bytes) -> bytes:
        """Decrypt. Raises KeyErased, or Invalid when the bytes are not what was sealed for this owner."""
        ...

    def destroy(self, owner: str) -> None:
        """Erase the owner's key, for good."""
        ...


class FileKeystore:
    """Key files in a folder that only this user can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seal(self, owner: str, data: bytes) -> bytes:
        return _encrypt(self._key(owner, make=True), owner, data)

    def open(self, owner: str, sealed: bytes) -> bytes:
        return _decrypt(self._key(owner, make=False), owner, sealed)

    def destroy(self, owner: str) -> None:
        path = self._path(owner)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.with_suffix(".erased").touch(mode=0o600)  # first: after a crash in between, calling again completes it
            path.unlink(missing_ok=True)
            sync(path.parent)
        except OSError as error:
            raise KeyUnusable(f"cannot erase {path}: {error.strerror}; check its folder, then erase again") from error

    def _key(self, owner: str, *, make: bool) -> bytes:
        path = self._path(owner)
        self._refuse_erased(owner, path)
        if not path.exists():
            if not make:
                raise KeyErased(f"there is no key of {owner} here; restore the keystore that sealed this", owner=owner)
            _create(path, _encrypt(self._master, owner, secrets.token_bytes(32)))
            self._refuse_erased(owner, path)
        try:
            return _decrypt(self._master, owner, _read(path))
        except FileNotFoundError:
            raise KeyErased(f"the key of {owner} was erased, and with it what it sealed", owner=owner) from None
        except Invalid as error:
            raise KeyUnusable(
                f"{path} is damaged, or belongs to another master key; restore the keystore from your copy", owner=owner
            ) from error

    def _refuse_erased(self, owner: str, path: Path) -> None:
        if path.with_suffix(".erased").exists():
            path.unlink(missing_ok=True)  # somebody made it while it was being erased
            raise KeyErased(f"the key of {owner} was erased, and with it what it sealed", owner=owner)

    @cached_property
    def _master(self) -> bytes:
        path = self.folder / "master.key"
        if not path.exists():
            orphans = any(self.folder.glob("owners/*.key"))
            if orphans and not path.exists():  # asked again: another process may have made both in between
                raise KeyUnusable(f"{path} is missing, and there are keys it wraps; restore it from your copy")
            if not orphans:
                _create(path, secrets.token_bytes(32))
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(f"{path} can be read by others; run: chmod 600 '{path}'")
        key = _read(path)
        if len(key) != 32:
            raise KeyUnusable(f"{path} is no master key (32 bytes); restore it from your copy")
        return key

    def _path(self, owner: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise Invalid(f"{owner[:70]!r} cannot own a key")
        return self.folder / "owners" / f"{owner}.key"


def _encrypt(key: bytes, owner: str, data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, data, owner.encode())


def _decrypt(key: bytes, owner: str, sealed: bytes) -> bytes:
    nonce, body = sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :]
    if sealed[:2] != _VERSION or len(body) < 16:
        raise Invalid("these bytes were not sealed here")
    try:
        return AESGCM(key).decrypt(nonce, body, owner.encode())
    except InvalidTag:
        raise Invalid(f"these bytes are damaged, or were not sealed for {owner}", owner=owner) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyUnusable(f"cannot read {path}: {error.strerror}; check its permissions") from error


def _create(path: Path, data: bytes) -> None:
    """Write a key once: of several processes that try, one wins and the others use its key."""
    try:
        create_once(path, data)
    except OSError as error:
        raise KeyUnusable(f"cannot write {path}: {error.strerror}; check its folder and the disk's space") from error
