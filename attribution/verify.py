"""What is this file, and whose? The manifest first, then the samples, the fingerprint, and the mark hidden in it.

A manifest speaks only with a signature of our own, unbroken; then the recorded claim and the media must bear it out,
and where they do not, the file is contested. Without one, samples, texture or the very recording name a work, and a
mark that agrees makes sure of it: neither another's signature nor a composition ever does. The file is decoded, and its
manifest read, in child processes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from attribution import judgment, looks, manifest, registry
from attribution.chain import Chain
from attribution.evidence import SAME, Evidence, Finding, Identification
from attribution.judgment import Look, Signs
from attribution.manifest import NO_STATEMENT, Reading, Statement
from attribution.models import RecordedClaim
from attribution.tools import Tools
from core import decode, decode_any
from core.media import Media, Picture

__all__ = [
    "Evidence",
    "Finding",
    "Identification",
    "Looking",
    "Seen",
    "Units",
    "identify",
    "verify",
]

Units = Callable[[], AbstractContextManager[Session]]  # each call begins a unit of work of its own, as `core.db.unit`


@dataclass(frozen=True, eq=False)
class Seen:
    """What a file has in it, before anything registered is looked at: its hash, what its manifest says, the media."""

    sha256: str
    statement: Statement
    media: Media


class Looking:
    """A file that is being read and decoded in child processes, with no database; `result()` waits for it.

    `name`: what to call the file in what is said of it. Raises Undecodable, TooLarge, ChainUnusable.
    """

    def __init__(self, file: Path, *, chain: Chain, name: str | None = None) -> None:
        self._decoding = decode_any.decoding(file, name=name)
        self._sha256, signed = manifest.skimmed(file)
        self._reading = Reading(file, chain) if signed and chain.there else None

    def result(self) -> Seen:
        statement = self._reading.result() if self._reading is not None else NO_STATEMENT
        if statement.state != "trusted" and isinstance(self._decoding, decode.Decoding):
            _load_hashing()
        return Seen(self._sha256, statement, self._decoding.result())


def verify(units: Units, file: Path, *, tools: Tools, closer: bool = True, deep: bool = False) -> Finding:
    """Say what a file is; nothing is written.

    `closer`: look for small parts even where a first look hints at nothing, for half a second more. `deep`: take
    seconds to read a mark in what was much distorted.

    Raises Undecodable, TooLarge, ChainUnusable, SecretUnusable.
    """
    looking = Looking(file, chain=tools.chain)
    with units() as session:
        session.connection()  # opened while the children work
    return identify(units, looking.result(), tools=tools, closer=closer, deep=deep)


def identify(units: Units, seen: Seen, *, tools: Tools, closer: bool = True, deep: bool = False) -> Finding:
    """Say whose it is, from what is registered here. No transaction is open while its mark is read: that may take
    longer than one is left open, and others wait for connections.

    Raises SecretUnusable.
    """
    statement = seen.statement
    with units() as session:
        row = session.get(RecordedClaim, statement.work) if statement.work is not None else None
        look = _exactly(session, seen.media)
    if look is not None:
        return judgment.judge(Signs(statement, row, (look,)), sha256=seen.sha256)
    found, mark = _found(units, seen.media, tools, closer=closer or deep, deep=deep)
    comparable = isinstance(seen.media, Picture) or bool(found)
    return judgment.judge(Signs(statement, row, found, mark, comparable), sha256=seen.sha256)


def _exactly(session: Session, media: Media) -> Look | None:
    """What is registered with these very samples."""
    exact = registry.exactly(session, sha256=media.sha256)
    if not exact:
        return None
    said = Evidence("samples", SAME, "sample for sample as registered")
    return looks.chosen(session, "samples", [row.subject for row in exact], SAME, said)


def _found(
    units: Units, media: Media, tools: Tools, *, closer: bool, deep: bool
) -> tuple[tuple[Look, ...], Look | None]:
    """What fingerprint and mark say of media whose very samples are not registered."""
    from attribution import marked

    blind = marked.begun(media, tools=tools, deep=deep)
    with units() as session:
        found, candidates = looks.of_media(session, media, closer=closer)
        known = marked.beside(session, candidates, tools=tools)
    read = marked.read(media, known, blind, deep=deep)
    if read is None:
        return found, None
    with units() as session:
        return found, marked.look(session, read)


def _load_hashing() -> None:
    """Load what hashing needs (a fifth of a second) while the file is still being decoded elsewhere."""
    import cv2
    import imagehash
    import scipy.fftpack  # noqa: F401

    assert imagehash
    assert cv2
