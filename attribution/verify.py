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
from core import decode, decode_any
from core.decode import Undecodable
from core.media import Media, Picture

Identification = Literal["proven", "recovered", "matched", "contested", "named", "none"]
SIGNED, SAME = 0.9999, 0.999  # confidence of our own signature borne out, and of the very samples or bytes
TIE = 0.03  # scores nearer than this do not tell works apart


@dataclass(frozen=True)
class Evidence:
    """What one layer says: `layer` is manifest, samples, fingerprint, hash or number.

    `rough`: the detail without a score that somebody could climb on by trying; None where there is none in it.
    """

    layer: str
    confidence: float
    detail: str
    rough: str | None = None


@dataclass(frozen=True)
class Finding:
    """What a file is. `claim` is the recorded claim's document; None with a match means a registered original.

    identification: proven by our signature; recovered, the very samples without it; matched by texture; contested,
    where signs name different works; named, where a number was told and no file shown; or none. `changed`: whether the
    file is none of those sealed (or, of an original, the samples); None when nothing was found or shown.
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
    """Who the media itself says it is. `subjects` are equally likely; `chosen` is the earliest, if there is any.

    `comparable`: a recording whose very samples are not registered may be a lossy form of what is; nobody can tell.
    """

    identification: Identification
    subjects: tuple[str, ...]
    chosen: str | None
    claim: RecordedClaim | None
    confidence: float
    evidence: tuple[Evidence, ...]
    comparable: bool = True


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
        data = _read(file)
        self._reading = Reading(file, chain) if manifest.may_have_one(data) and chain.there else None
        self._sha256 = hashlib.sha256(data).hexdigest()

    def result(self) -> Seen:
        statement = self._reading.result() if self._reading is not None else NO_STATEMENT
        if statement.state != "trusted" and isinstance(self._decoding, decode.Decoding):
            _load_hashing()
        return Seen(self._sha256, statement, self._decoding.result())


def verify(session: Session, file: Path, *, chain: Chain) -> Finding:
    """Say what a file is; nothing is written. Raises Undecodable, TooLarge, ChainUnusable."""
    looking = Looking(file, chain=chain)
    session.connection()  # opened while the children work
    return identify(session, looking.result())


def identify(session: Session, seen: Seen) -> Finding:
    """Say whose it is, from what is registered here."""
    statement = seen.statement
    row = session.get(RecordedClaim, statement.work) if statement.work is not None else None
    look = _look(session, seen.media)
    if statement.state == "trusted" and row is not None:
        return _signed(look, statement, row)
    return _unsigned(look, statement, row, seen.sha256)


def by_number(session: Session, *, work: str) -> Finding:
    """What is recorded under a work's number. No file was shown, so nothing is said of any."""
    row = session.get(RecordedClaim, work)
    if row is None:
        said = Evidence("number", 0.0, f"no work is recorded here as {work[:60]}; no file was shown")
        return Finding("none", 0.0, evidence=(said,))
    said = Evidence("number", 1.0, f"recorded here as {work}; no file was shown, so none is said to be this work")
    return _found("named", 1.0, row, (said,), changed=None)


def by_hash(session: Session, *, sha256: str) -> Finding:
    """Whose the file or the samples with this SHA-256 are; the hash names them exactly, wherever they are."""
    sealed = select(RecordedClaim).where(RecordedClaim.file_sha256 == sha256)
    row = session.scalars(sealed.order_by(RecordedClaim.recorded_at, RecordedClaim.work).limit(1)).first()
    if row is not None:
        said = Evidence("hash", SAME, "the hash of the file as it was sealed here; the file itself was not shown")
        return _found("recovered", SAME, row, (said,), changed=False)
    subjects = registry.subjects(session, sha256=sha256)
    if not subjects:
        return Finding("none", 0.0, evidence=(Evidence("hash", 0.0, "nothing registered here has this hash"),))
    said = Evidence("hash", SAME, "the hash of samples registered here; the file itself was not shown")
    look = _choose(session, "recovered", subjects, SAME, said)
    if look.claim is None:
        return Finding("matched", look.confidence, evidence=look.evidence)
    return _found("recovered", look.confidence, look.claim, look.evidence, changed=None)


def _signed(look: _Look, statement: Statement, row: RecordedClaim) -> Finding:
    """Our own signature names a recorded work: the claim and the picture must bear it out."""
    against = []
    if statement.claim != row.document:
        against.append(Evidence("manifest", 0.0, f"it quotes another claim than the one recorded for {row.work}"))
    if look.comparable and row.work not in look.subjects:
        seen = f"what it holds is {look.chosen}" if look.chosen else "what it holds is not the recorded work"
        against.append(Evidence("manifest", 0.0, f"signed here for {row.work}, but {seen}"))
    if against:
        shown = look.claim or row
        sure = look.confidence if look.claim is not None else 0.0
        return _found("contested", sure, shown, (*against, *look.evidence), changed=True)
    signed = Evidence("manifest", SIGNED, f"signed here for {row.work}, unchanged since")
    return _found("proven", SIGNED, row, (signed, *look.evidence), changed=False)  # its signature covers the picture


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
    elif statement.state == "broken" and not look.comparable:
        said = f"signed here for {statement.work}, but changed since or taken from another file"
    elif statement.state == "broken" and row is not None and row.work not in look.subjects:
        said = f"signed here for {row.work}, but this is another work: the manifest was transplanted"
    elif statement.state == "broken":
        said = f"signed here for {statement.work}, but changed since"
    return (Evidence("manifest", 0.0, said),)


def _look(session: Session, media: Media) -> _Look:
    """Identify a work by its samples, else a picture by its texture."""
    exact = registry.exactly(session, sha256=media.sha256)
    if exact:
        said = Evidence("samples", SAME, "sample for sample as registered")
        return _choose(session, "recovered", [row.subject for row in exact], SAME, said)
    if not isinstance(media, Picture):
        return _Look("none", (), None, None, 0.0, (), comparable=False)
    from attribution import index
    from attribution.texture import sheet_of

    matches = index.search(session, index.Question(sheet_of(media.pixels)))
    if not matches:
        return _Look("none", (), None, None, 0.0, ())
    best = matches[0]
    alike = [match.subject for match in matches if match.agreement.score >= best.agreement.score - TIE]
    said = Evidence("fingerprint", round(best.confidence, 4), best.detail, best.rough)
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
        said = _adding(said, f"{len(claims)} works look the same, under {len(grounds)} sets of licenses")
        said = replace(said, confidence=round(confidence, 4))
    elif len(claims) > 1:
        said = _adding(said, f"{len(claims)} works look the same, this is the earliest")
    withdrawn = [row for row in claims if row.withdrawn_at is not None] if len(grounds) > 1 else []
    claim = next(iter([*withdrawn, *claims]), None)  # of several it may be, the one that allows least
    chosen = claim.work if claim is not None else min(subjects)
    return _Look(identification, tuple(subjects), chosen, claim, confidence, (said,))


def _adding(said: Evidence, more: str) -> Evidence:
    rough = f"{said.rough}; {more}" if said.rough is not None else None
    return replace(said, detail=f"{said.detail}; {more}", rough=rough)


def _found(
    identification: Identification,
    confidence: float,
    row: RecordedClaim,
    evidence: tuple[Evidence, ...],
    *,
    changed: bool | None,
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
