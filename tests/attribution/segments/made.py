"""Works of whole codes, and an index of them: a body small enough to be checked by hand."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from attribution.segments import codes, rows
from attribution.segments.body import Arrays, Body, Found
from attribution.segments.builder import Builder
from attribution.segments.codes import Codes
from attribution.segments.shelf import Shelf
from attribution.segments.storage import LocalFolder, Storage
from attribution.segments.store import Index
from core import db

BODY = codes.body("code", "test.1")


@dataclass(frozen=True)
class Lingering:
    """A question whose search says in a folder which process is at it, and waits there until it may go on."""

    code: Codes
    folder: Path


def lingering(arrays: Arrays, asked: Lingering, *, most: int) -> list[codes.Near]:
    (asked.folder / f"{os.getpid()}.pid").touch()
    while not (asked.folder / "go").exists():
        time.sleep(0.01)
    return codes.search(arrays, asked.code, most=most)


SLOW = Body("code", "test.1", codes.unpack, codes.build, lingering)


def code(number: int, *, flipped: int = 0) -> Codes:
    """The code of the work of this number, with so many bits flipped."""
    bits = np.random.default_rng(number).integers(0, 2, 256, np.uint8)
    bits[:flipped] ^= 1
    return np.packbits(bits).view("<u8").reshape(1, 4)


def name(number: int) -> str:
    return f"wrk_{number:026d}"


def index(sessions: db.Sessions, storage: Path | Storage, *, shelf: Shelf | None = None, largest: int = 1000) -> Index:
    held = LocalFolder(storage) if isinstance(storage, Path) else storage
    return Index(sessions, BODY, held, shelf=shelf, builder=Builder(sessions, BODY, held, largest=largest))


def register(session: Session, number: int, *, flipped: int = 0, at: int | None = None) -> None:
    """Add the row of a work: its own code, or that of the work `at`."""
    found_by = code(number if at is None else at, flipped=flipped)
    rows.add(session, BODY, name(number), codes.pack(found_by))


def add(sessions: db.Sessions, *numbers: int) -> None:
    """Register works, each in a transaction of its own."""
    for number in numbers:
        with db.unit(sessions) as session:
            register(session, number)


def find(sessions: db.Sessions, index: Index, number: int, *, flipped: int = 20, most: int = 30) -> list[Found]:
    """What is found for a work that was changed a little; what is merely there (half of the bits differ) left out."""
    with sessions() as session:
        found = index.search(session, code(number, flipped=flipped), most=most)
    return [one for one in found if one.score > 180]


def names(found: list[Found]) -> list[str]:
    return [one.subject for one in found]
