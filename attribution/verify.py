"""What is this file, and whose? The manifest first, then the samples, then the fingerprint; each says how sure it is.

A manifest speaks only with a signature of our own, unbroken; then the recorded claim and the picture must bear it out,
and where they do not, the file is contested. Without one, only samples or texture name a work: neither another's
signature nor a composition ever does. The file is decoded, and its manifest read, in child processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import manifest, registry
from attribution.chain import Chain
from attribution.manifest import NO_STATEMENT, Reading, Statement
from attribution.models import RecordedClaim
from core.decode import Decoding, Undecodable
from core.media import Picture

Identification = Literal["proven", "recovered", "matched", "contested", "none"]
SIGNED, SAME = 0.9999, 0.999  # confidence of our own signature borne out, and of the very samples
TIE = 0.03  # scores nearer than this do not tell works apart


@dataclass(frozen=True)
class Evidence:
    """What one layer says: `layer` is manifest, samples or fingerprint."""

    layer: str
    confidence: float
    detail: str


@dataclass(frozen=True)
class Finding:
    """What a file is. `claim` is the recorded claim's document; None with a match means a registered original.

    identification: proven by our signature; recovered, the very samples without it; matched by texture; contested,
    where signs name different works; or none. `changed`: whether the file is another than the one sealed (or, of an
    original, the samples); None when nothing was found.
    """

    identification: Identification
    confidence: float
    work: str | None = None
    claim: dict[str, Any] | None = None
    evidence: tuple[Evidence, ...] = ()
    changed: bool | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None


@dataclass(frozen=True)
class _Look:
    """Who the picture itself says it is. `subjects` are equally likely; `chosen` is the earliest, if there is any."""

    identification: Identification
    subjects: tuple[str, ...]
    chosen: str | None
    claim: RecordedClaim | None
    confidence: float
    evidence: tuple[Evidence, ...]


def verify(session: Session, file: Path, *, chain: Chain) -> Finding:
    """Say what a file is; nothing is written. Raises Undecodable, TooLarge, ChainUnusable."""
    decoding = Decoding(file)
    data = _read(file)
    reading = Reading(file, chain) if manifest.may_have_one(data) and chain.there else None
    sha256 = hashlib.sha256(data).hexdigest()
    session.connection()  # opened while the children work
    statement = reading.result() if reading is not None else NO_STATEMENT
    if statement.state != "trusted":
        _load_hashing()
    picture = decoding.result()
    row = session.get(RecordedClaim, statement.work) if statement.work is not None else None
    if statement.state == "trusted" and row is not None:
        return _signed(_look(session, picture), statement, row, sha256)
    return _unsigned(_look(session, picture), statement, row, sha256)


def _signed(look: _Look, statement: Statement, row: RecordedClaim, sha256: str) -> Finding:
    """Our own signature names a recorded work: the claim and the picture must bear it out."""
    against = []
    if statement.claim != row.document:
        against.append(Evidence("manifest", 0.0, f"it quotes another claim than the one recorded for {row.work}"))
    if row.work not in look.subjects:
        seen = f"the picture is that of {look.chosen}" if look.chosen else "the picture is not the recorded work's"
        against.append(Evidence("manifest", 0.0, f"signed here for {row.work}, but {seen}"))
    if against:
        shown = look.claim or row
        sure = look.confidence if look.claim is not None else 0.0
        return _found("contested", sure, shown, (*against, *look.evidence), changed=True)
    signed = Evidence("manifest", SIGNED, f"signed here for {row.work}, unchanged since")
    changed = look.identification != "recovered" and row.file_sha256 != sha256
    return _found("proven", SIGNED, row, (signed, *look.evidence), changed=changed)


def _unsigned(look: _Look, statement: Statement, row: RecordedClaim | None, sha256: str) -> Finding:
    """Nobody we trust has signed it: the picture alone decides, and the manifest is told as what it is."""
    told = _told(look, statement, row)
    if look.chosen is None:
        return Finding("none", 0.0, evidence=told)
    evidence = (*told, *look.evidence)
    if look.claim is None:
        return Finding("matched", look.confidence, evidence=evidence, changed=look.identification != "recovered")
    changed = look.claim.file_sha256 != sha256
    return _found(look.identification, look.confidence, look.claim, evidence, changed=changed)


def _told(look: _Look, statement: Statement, row: RecordedClaim | None) -> tuple[Evidence, ...]:
    """A manifest that decides nothing, and why."""
    if statement.state == "none":
        return ()
    said = statement.detail
    if statement.state == "trusted":
        said = f"signed here for {statement.work or 'no work'}, which was never recorded"
    elif statement.state == "broken" and row is not None and row.work not in look.subjects:
        said = f"signed here for {row.work}, but this is another picture: the manifest was transplanted"
    elif statement.state == "broken":
        said = f"signed here for {statement.work}, but changed since"
    return (Evidence("manifest", 0.0, said),)


def _look(session: Session, picture: Picture) -> _Look:
    """Identify a picture by its samples, else by its texture."""
    exact = registry.exactly(session, sha256=picture.sha256)
    if exact:
        said = Evidence("samples", SAME, "sample for sample as registered")
        return _choose(session, "recovered", [row.subject for row in exact], SAME, said)
    from attribution import index
    from attribution.texture import sheet_of

    matches = index.search(session, index.Question(sheet_of(picture.pixels)))
    if not matches:
        return _Look("none", (), None, None, 0.0, ())
    best = matches[0]
    alike = [match.subject for match in matches if match.agreement.score >= best.agreement.score - TIE]
    said = Evidence("fingerprint", round(best.confidence, 4), best.detail)
    return _choose(session, "matched", alike, best.confidence, said)


def _choose(
    session: Session, identification: Identification, subjects: Sequence[str], confidence: float, said: Evidence
) -> _Look:
    """The earliest of those that look the same; if they rest on different licenses, it is only one guess of several."""
    claims = session.scalars(
        select(RecordedClaim)
        .where(RecordedClaim.work.in_(subjects))
        .order_by(RecordedClaim.recorded_at, RecordedClaim.work)
    ).all()
    grounds = {tuple(row.licenses) for row in claims}
    if claims and len(claims) < len(subjects):
        grounds.add(("a registered original",))  # to which nobody holds a license
    if len(grounds) > 1:
        confidence = confidence / len(grounds)
        told = f"{said.detail}; {len(claims)} works look the same, under {len(grounds)} sets of licenses"
        said = replace(said, confidence=round(confidence, 4), detail=told)
    elif len(claims) > 1:
        said = replace(said, detail=f"{said.detail}; {len(claims)} works look the same, this is the earliest")
    withdrawn = [row for row in claims if row.withdrawn_at is not None] if len(grounds) > 1 else []
    claim = next(iter([*withdrawn, *claims]), None)  # of several it may be, the one that allows least
    chosen = claim.work if claim is not None else min(subjects)
    return _Look(identification, tuple(subjects), chosen, claim, confidence, (said,))


def _found(
    identification: Identification,
    confidence: float,
    row: RecordedClaim,
    evidence: tuple[Evidence, ...],
    *,
    changed: bool,
) -> Finding:
    return Finding(
        identification=identification,
        confidence=round(confidence, 4),
        work=row.work,
        claim=row.document,
        evidence=evidence,
        changed=changed,
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=row.withdrawn_reason,
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Undecodable(f"cannot read {file.name}: {error.strerror}; check the name") from error


def _load_hashing() -> None:
    """Load what hashing needs (a fifth of a second) while the file is still being decoded elsewhere."""
    import imagehash
    import scipy.fftpack  # noqa: F401

    assert imagehash
