"""Manifests found again by what they are bound to besides the bytes: codes of the content, marks in it (soft bindings).

In the words of C2PA's Soft Binding Resolution API 2.4 (spec.c2pa.org, softbinding/Decoupled.html). A match is a
candidate: whoever asked checks the signature of what is given back, and compares it with the file at hand.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, BIT, INTEGER
from sqlalchemy.orm import Session

from attribution import iscc
from attribution.definition import ISCC, MARKS
from attribution.iscc import BITS, Unit
from attribution.models import KeptManifest, RecordedClaim
from core.errors import HomageError, Invalid, NotFound

WATERMARKS: Final = tuple(MARKS.values())
FINGERPRINTS: Final = (ISCC,)
KNOWN: Final = (*WATERMARKS, *FINGERPRINTS)
NEAR = 7  # bits by which a code may differ: another encoding changes fewer, another composition more
MOST_LETTERS = 8192  # of a value in base 64
MOST_UNITS = 8
_BASE64 = str.maketrans(" -_", "++/")  # as addresses have it; a plus sign that was not escaped arrives as a blank
_LARGEST = 2**63 - 1  # `marks.payload`


class UnknownAlgorithm(Invalid):
    """Nothing is looked up here by this algorithm."""


class BadBinding(Invalid):
    """The value is none that this algorithm makes."""


class BindingTooLong(Invalid):
    """The value is too long for an address."""


class AssetUnknown(Invalid):
    """The file is of no kind that is looked into here."""


class BadReference(Invalid):
    """No file can be looked into by this reference."""


class ManifestMissing(NotFound):
    """No manifest of this name is kept here."""


STATUS: dict[type[HomageError], int] = {BindingTooLong: 414, AssetUnknown: 415}  # as the specification has them


@dataclass(frozen=True)
class Match:
    """A kept manifest, by its label, and how like its work is, 0 to 100."""

    manifest: str
    score: int


def by_binding(session: Session, *, alg: str, value: str, most: int) -> list[Match]:
    """The manifests that say this binding, or one close to it, the likest first. `value`: in base 64, whose bytes are
    what an assertion of ours says; or that itself.

    Raises UnknownAlgorithm, BadBinding.
    """
    check(alg)
    if len(value) > MOST_LETTERS:
        raise BadBinding(f"a binding's value has up to {MOST_LETTERS} letters here, not {len(value)}")
    if alg == ISCC:
        return by_units(session, _units(value), most=most)
    medium = next(medium for medium, name in MARKS.items() if name == alg)
    return by_number(session, _number(value), medium=medium)


def check(alg: str) -> None:
    """Raises UnknownAlgorithm."""
    if alg not in KNOWN:
        raise UnknownAlgorithm(f"{alg[:80]!r} is not looked up here; ask by one of {', '.join(KNOWN)}", known=KNOWN)


def by_units(session: Session, units: Sequence[Unit], *, most: int) -> list[Match]:
    """The manifests of works whose code differs by up to `NEAR` bits from one of these, the likest first."""
    found = [one for unit in units[:MOST_UNITS] for one in _near(session, unit, most)]
    return best(found, most=most)


def by_number(session: Session, number: int, *, medium: str) -> list[Match]:
    """The manifest of the work of this medium that carries this mark."""
    marked = RecordedClaim.mark == number, RecordedClaim.document["medium"].astext == medium
    query = select(KeptManifest.label).join(RecordedClaim, RecordedClaim.work == KeptManifest.work).where(*marked)
    return [Match(label, 100) for label in session.scalars(query)]


def by_works(session: Session, scores: dict[str, int]) -> list[Match]:
    """The manifests of these works, each with its score."""
    rows = session.execute(select(KeptManifest.work, KeptManifest.label).where(KeptManifest.work.in_(list(scores))))
    return best([Match(label, scores[work]) for work, label in rows], most=len(scores))


def best(found: Iterable[Match], *, most: int) -> list[Match]:
    """Each manifest once, the likest first."""
    scores: dict[str, int] = {}
    for one in found:
        scores[one.manifest] = max(one.score, scores.get(one.manifest, 0))
    return [Match(*one) for one in sorted(scores.items(), key=lambda x: (-x[1], x[0]))[:most]]


def kept(session: Session, *, label: str) -> KeptManifest:
    """The manifest of this name. Raises ManifestMissing."""
    row = session.scalar(select(KeptManifest).where(KeptManifest.label == label)) if "\0" not in label else None
    if row is None:
        raise ManifestMissing(f"no manifest is kept here as {label[:80]!r}; take manifestId as a match gave it")
    return row


def _near(session: Session, unit: Unit, most: int) -> list[Match]:
    other = KeptManifest.iscc.op("#")(literal(unit.body, BigInteger))  # the bits that differ
    apart: ColumnElement[int] = func.bit_count(cast(other, BIT(BITS)))
    shared = KeptManifest.iscc_keys.overlap(literal(unit.near_keys, ARRAY(INTEGER)))
    query = select(KeptManifest.label, apart).where(shared, apart <= NEAR).order_by(apart, KeptManifest.work)
    return [Match(label, round(100 * (1 - bits / BITS))) for label, bits in session.execute(query.limit(most))]


def _units(value: str) -> list[Unit]:
    try:
        plain = value.strip().upper().startswith("ISCC:")
        found = iscc.units(value.encode() if plain else _decoded(value))
    except ValueError as error:
        raise BadBinding(f"{value[:40]!r} is no ISCC in base 64: {error}; send what the assertion says") from error
    return found


def _number(value: str) -> int:
    """A mark's number: 16 hexadecimal digits, as assertions say it, or 8 bytes."""
    try:
        said = value.encode() if re.fullmatch("[0-9a-fA-F]{16}", value) else _decoded(value)
        number = int.from_bytes(said, "big") if len(said) == 8 else int(_hex(said), 16)
    except ValueError as error:
        raise BadBinding(f"{value[:40]!r} is no mark's number: 16 hexadecimal digits, in base 64") from error
    if not 0 < number <= _LARGEST:
        raise BadBinding(f"a mark's number is 1 to {_LARGEST}, not {number}")
    return number


def _hex(said: bytes) -> str:
    if not re.fullmatch(rb"[0-9a-fA-F]{16}", said):
        raise ValueError("not 16 hexadecimal digits")
    return said.decode()


def _decoded(value: str) -> bytes:
    """Base 64 in either alphabet, with or without padding. Raises ValueError."""
    letters = value.strip().translate(_BASE64).rstrip("=")
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base 64") from error
