"""The keys of marks: a master secret in a folder, and from it one key for each medium and quarter of a year.

A key comes from its master by HKDF-SHA256 (RFC 5869) over the mark's versioned name and the epoch. An epoch is a
quarter, "2026Q4"; after a rotation it also says which master it comes from, "2026Q4-2". The newest master writes;
earlier ones stay, to read what they wrote. Nothing in the folder is ever rewritten: a rotation adds a file.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.blobs import create_once
from core.errors import Unavailable

NAMES: Final = {"picture": "org.homage.picture-mark.1", "sound": "org.homage.sound-mark.1"}  # as soft bindings say it
BLIND, HINTED = 2, 8  # keys that a read tries: without a hint of the work, and with one

_BYTES = 32
_FILE = re.compile(r"master-([1-9][0-9]{0,5})\.json")


class SecretUnusable(Unavailable):
    """A master secret is damaged, or can be read by others."""


@dataclass(frozen=True)
class Key:
    """What marks of one medium ("picture" or "sound") in one epoch are written and read with; `secret` has 32 bytes."""

    epoch: str
    medium: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class _Master:
    number: int
    since: int  # the first quarter it writes in, counted from year 0
    secret: bytes = field(repr=False)

    def key(self, medium: str, quarter: int) -> Key:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        epoch = f"{quarter // 4}Q{quarter % 4 + 1}" + (f"-{self.number}" if self.number > 1 else "")
        info = f"{NAMES[medium]} {epoch}".encode()
        return Key(epoch, medium, HKDF(SHA256(), _BYTES, salt=None, info=info).derive(self.secret))


class Secrets:
    """The masters in a folder; the first is made when first written with, by one process even if several try."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writing(self, medium: str, at: datetime) -> Key:
        """The key that marks made at this time are written with. Raises SecretUnusable."""
        masters = self._masters() or [self._make(1, at)]
        return masters[-1].key(medium, max(_quarter(at), masters[-1].since))  # a clock set back changes no epoch

    def reading(self, medium: str, at: datetime, most: int = BLIND) -> list[Key]:
        """Keys that marks up to this time were written with, the newest first, at most so many. Raises SecretUnusable.

        Empty before anything was written: asking makes no secret.
        """
        keys: list[Key] = []
        last = _quarter(at)
        for master in reversed(self._masters()):
            last = max(last, master.since)
            keys += [master.key(medium, quarter) for quarter in range(last, master.since - 1, -1)[: most - len(keys)]]
            last = master.since  # its predecessor wrote until it came
        return keys

    def rotate(self, at: datetime) -> int:
        """Write with a new master from now on and keep the others to read with. Returns its number.

        For when a secret may be known to others; quarters change by themselves. Raises SecretUnusable.
        """
        masters = self._masters()
        return self._make(masters[-1].number + 1 if masters else 1, at).number

    def _masters(self) -> list[_Master]:
        try:
            found = [(int(match[1]), path) for path in self.folder.iterdir() if (match := _FILE.fullmatch(path.name))]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SecretUnusable(f"cannot read {self.folder}: {error.strerror}; check its permissions") from error
        found.sort()
        missing = set(range(1, len(found) + 1)) - {number for number, _ in found}
        if missing:
            raise SecretUnusable(f"{self.folder} has no master-{min(missing)}.json; restore it from your copy")
        return [_read(number, path) for number, path in found]

    def _make(self, number: int, at: datetime) -> _Master:
        path = self.folder / f"master-{number}.json"
        since = at.astimezone(UTC).date().isoformat()
        _create(path, json.dumps({"v": 1, "since": since, "secret": secrets.token_hex(_BYTES)}))
        return _read(number, path)  # another process may have been first


def _quarter(at: datetime) -> int:
    day = at.astimezone(UTC)
    return 4 * day.year + (day.month - 1) // 3


def _read(number: int, path: Path) -> _Master:
    try:
        if path.stat().st_mode & 0o077:
            raise SecretUnusable(f"{path} can be read by others; run: chmod 600 '{path}'")
        said = json.loads(path.read_text())
        since, secret = datetime.fromisoformat(said["since"]).replace(tzinfo=UTC), bytes.fromhex(said["secret"])
        version = said["v"]
    except OSError as error:
        raise SecretUnusable(f"cannot read {path}: {error.strerror}; check its permissions") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SecretUnusable(f"{path} is no master secret of marks; restore it from your copy") from error
    if version != 1 or len(secret) != _BYTES:
        raise SecretUnusable(f"{path} is no master secret of this version; restore it from your copy")
    return _Master(number, _quarter(since), secret)


def _create(path: Path, text: str) -> None:
    """Write a secret once: of several processes that try, one wins and the others use what it wrote."""
    try:
        create_once(path, text.encode())
    except OSError as error:
        raise SecretUnusable(f"cannot write {path}: {error.strerror}; check its folder and the disk's space") from error
