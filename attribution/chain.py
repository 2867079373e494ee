"""The certificates that works are signed with, kept in a folder: the house's own, and those an operator imported.

The house's own is made once, at the first start: a root and the one leaf that it issued. An imported chain lies in a
folder of its own beside it and signs from then on; those before it sign no more and are believed as before. What was
signed here is told by its leaf, which is among ours, and never by a root alone: a public issuer's root leads to
everyone whom that issuer ever certified.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from attribution import certificates
from attribution.certificates import Credentials
from core.clock import SYSTEM, Clock
from core.errors import Unavailable

ROOT, CERTIFICATES, KEY = "root.pem", "chain.pem", "key.pem"
CURRENT = "current"  # the name of the folder whose chain signs, once one was imported


class ChainUnusable(Unavailable):
    """The signing chain is damaged, can be read by others, or has run out."""


@dataclass(frozen=True)
class Kept:
    """A chain that is kept here. `name`: its folder's, "" for the house's own. `signs`: it is the one in use."""

    name: str
    credentials: Credentials
    signs: bool


class Chain:
    """The chains in a folder; the house's own is made when first used, by one process even if several try.

    `time_authority`: the address of one that stamps signatures with the time (RFC 3161), by which they outlast their
    certificate; `time_roots`: a file (PEM) of whom such stamps must lead to. `thumbnails`: manifests hold small
    pictures of what is signed, at some hundred kilobytes each.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock = SYSTEM,
        time_authority: str | None = None,
        time_roots: Path | None = None,
        thumbnails: bool = False,
    ) -> None:
        self.folder = folder
        self.time_authority = time_authority
        self.thumbnails = thumbnails
        self._time_roots = time_roots
        self.clock = clock

    @property
    def there(self) -> bool:
        """Whether there is one: asking about a file makes none."""
        return (self.folder / KEY).exists() or (self.folder / CURRENT).exists()

    @property
    def root(self) -> str:
        """The root of the chain that signs, as PEM. Raises ChainUnusable."""
        return self._current.root

    @property
    def certificates(self) -> str:
        """Leaf and issuers as PEM, in the order a signature carries them. Raises ChainUnusable."""
        return self._current.certificates

    @property
    def key(self) -> str:
        """The leaf's private key as PEM (PKCS 8). Raises ChainUnusable."""
        return self._current.key

    @property
    def trust(self) -> str:
        """Whom to believe, for a reader in another process: JSON of every root and every leaf of ours."""
        kept = [self._current, *(one.credentials for one in self.kept())]
        roots = {one.root for one in kept}
        if self._time_roots is not None:
            try:
                roots.add(self._time_roots.read_text())
            except (OSError, UnicodeDecodeError) as error:
                raise ChainUnusable(
                    f"{self._time_roots} cannot be read; check HOMAGE_SIGNING__TIME_ROOTS, which names it"
                ) from error
        return json.dumps({"roots": "".join(sorted(roots)), "leaves": sorted({one.identity for one in kept})})

    def kept(self) -> list[Kept]:
        """Every chain, the house's own first, then the imported by name. Raises ChainUnusable."""
        used = self._used
        names = [path.parent.name for path in sorted(self.folder.glob(f"[!.]*/{KEY}"))]
        own = [""] if (self.folder / KEY).exists() else []
        return [Kept(name, _read_all(self.folder / name), name == used) for name in (*own, *names)]

    def usable(self) -> Credentials:
        """The chain to sign with, now. Raises ChainUnusable."""
        ends = self._current.leaf.not_valid_after_utc
        if self.clock.now() > ends:
            raise ChainUnusable(
                f"the certificate that works are signed with ran out on {ends.date()}; import its successor:"
                " homage keys import CHAIN.pem KEY.pem"
            )
        return self._current

    def take(self, new: Credentials) -> Kept:
        """Sign with an imported chain from now on, in every process. Raises ChainUnusable."""
        name = new.fingerprint[:16]
        with _whole_folder(self.folder / name) as partial:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_all(partial, new)
        beside = self.folder / f".{CURRENT}.{secrets.token_hex(8)}"
        _write(beside, name)
        beside.replace(self.folder / CURRENT)
        return Kept(name, new, signs=True)

    @property
    def _used(self) -> str:
        pointer = self.folder / CURRENT
        return _read(pointer).strip() if pointer.exists() else ""

    @property
    def _current(self) -> Credentials:
        name = self._used
        if not name and not (self.folder / KEY).exists():
            _make(self.folder, self.clock.now())
        return _read_all(self.folder / name)


def _read_all(folder: Path) -> Credentials:
    return Credentials(*(_read(folder / name) for name in (ROOT, CERTIFICATES, KEY)))


def _read(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise ChainUnusable(f"{path} can be read by others; run: chmod 600 '{path}'")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ChainUnusable(
            f"the signing chain is incomplete: {path} cannot be read; restore the folder from your copy"
        ) from error


def _make(folder: Path, at: datetime) -> None:
    """Make the chain beside its place and move it there whole: of several makers one wins, the others use its chain."""
    with _whole_folder(folder) as partial:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_all(partial, certificates.local(at))


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A place to make what `folder` becomes once all is written, unless a chain is there already."""
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    try:
        yield partial
        partial.rename(folder)  # fails where a filled folder is, unlike os.replace of a file
    except OSError as error:
        if not (folder / KEY).exists():
            raise ChainUnusable(f"the signing chain cannot be made in {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_all(folder: Path, credentials: Credentials) -> None:
    folder.mkdir(mode=0o700)
    for name, text in (
        (ROOT, credentials.root),
        (CERTIFICATES, credentials.certificates),
        (KEY, credentials.key),
    ):
        _write(folder / name, text)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
