"""A platform's question answered from a kit: no database, no network, no key but the public one.

Known are the very files and samples, and what a manifest of the house says. What is only like a work is `unknown` here:
the house itself looks at texture and marks. A kit that is too old, or from the future, answers `unknown` to everything.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attribution.claim import Claim, Contribution, Licensed
from attribution.evidence import SAME, SIGNED, Evidence, Finding
from core.errors import Invalid
from core.shares import WHOLE
from licensing import verdicts
from licensing.snapshots import layout
from licensing.snapshots.kit import Kit, Known
from licensing.verdicts import Grounds, Verdict

if TYPE_CHECKING:
    from attribution.manifest import Statement

ASK = "ask the house, which also knows what was changed"
WHY = "its house tells why"


class BadHash(Invalid):
    """A hash is no SHA-256 in hexadecimal digits."""


@dataclass(frozen=True)
class Trust:
    """Whom manifests must lead to, as a kit has it: see `attribution.chain.Chain.trust`."""

    trust: str


def answer(
    kit: Kit,
    finding: Finding,
    *,
    use: str | None = None,
    medium: str | None = None,
    territory: str | None = None,
    date: dt.date | None = None,
    at: dt.datetime,
) -> Verdict:
    """The verdict as `verdicts.compose` has it, without names: a kit has none. Raises BadQuestion, SnapshotRefused."""
    grounds = _grounds(kit, finding)
    said = verdicts.compose(finding, grounds, use=use, medium=medium, territory=territory, date=date, at=at)
    return replace(said, licensee=None, shares=())


def by_hash(kit: Kit, *, sha256: str, at: dt.datetime) -> Finding:
    """Whose the file or the samples with this SHA-256 are. Raises BadHash, SnapshotRefused."""
    if not layout.is_hash(sha256):
        raise BadHash(f"{sha256[:70]!r} is no SHA-256; give 64 hexadecimal digits, small letters")
    return _stale(kit, at) or _by_file(kit, sha256) or _by_samples(kit, sha256, changed=None) or _nothing("this hash")


def identify(kit: Kit, file: Path, *, at: dt.datetime) -> Finding:
    """What a file is; it is decoded, in a child process, only where neither its hash nor a manifest tells.

    Raises Undecodable, TooLarge, SnapshotRefused.
    """
    from attribution.manifest import NO_STATEMENT, Reading, skimmed

    sha256, signed = skimmed(file)
    found = _stale(kit, at) or _by_file(kit, sha256)
    if found is not None:
        return found
    statement = Reading(file, Trust(kit.trust)).result() if signed and kit.trust else NO_STATEMENT
    said = _signed(kit, statement)
    if said is not None:
        return said
    from core import decode_any

    media = decode_any.decoding(file).result()
    found = _by_samples(kit, media.sha256, changed=True) or _nothing("this file or its samples")
    if statement.state == "none":
        return found
    return replace(found, evidence=(Evidence("manifest", 0.0, statement.detail), *found.evidence))


def _stale(kit: Kit, at: dt.datetime) -> Finding | None:
    problem = kit.problem(at)
    return Finding("none", 0.0, evidence=(Evidence("hash", 0.0, problem),)) if problem is not None else None


def _nothing(what: str) -> Finding:
    return Finding("none", 0.0, evidence=(Evidence("hash", 0.0, f"nothing in the snapshot has {what}; {ASK}"),))


def _by_file(kit: Kit, sha256: str) -> Finding | None:
    found = kit.files(sha256)
    if not found:
        return None
    said = Evidence("hash", SAME, "the hash of the file as it was sealed by the house")
    return replace(_found(found[0], said, changed=False), payable=True)


def _by_samples(kit: Kit, sha256: str, *, changed: bool | None) -> Finding | None:
    """Of several that look the same, as `attribution.looks.chosen` chooses: sets of licenses share the confidence."""
    found = kit.samples(sha256)
    if not found.works:
        said = Evidence("samples", SAME, "the samples of a registered original")
        original = Finding("matched", SAME, evidence=(said,), changed=None if changed is None else False)
        return original if found.original else None
    grounds = {tuple(sorted(part.license for part in known.parts if not known.own)) for known in found.works}
    if found.original:
        grounds.add(())
    gone = [known for known in found.works if known.withdrawn_at is not None] if len(grounds) > 1 else []
    sure = round(SAME / len(grounds), 4)
    alike = f"; {len(found.works)} works have the same" if len(found.works) > 1 else ""
    said = Evidence("samples", sure, f"sample for sample as registered{alike}")
    return replace(_found([*gone, *found.works][0], said, changed=changed), payable=len(grounds) == 1)


def _signed(kit: Kit, statement: Statement) -> Finding | None:
    """What a manifest of the house says, if what it quotes is what the kit knows of that work.

    Nobody compared what the file holds with the work, so nothing is payable. What is quoted otherwise is contested.
    """
    known = kit.work(statement.work) if statement.state == "trusted" and statement.work is not None else None
    if known is None or statement.claim is None:
        return None
    if _quoted(statement.claim) == [(part.license, part.terms) for part in known.parts if not known.own]:
        said = Evidence("manifest", SIGNED, f"signed by the house for {known.work}, unchanged since")
        return _found(known, said, changed=False, identification="proven")
    said = Evidence("manifest", 0.0, f"it quotes another claim than the one recorded for {known.work}")
    return _found(known, said, changed=True, identification="contested")


def _quoted(claim: dict[str, object]) -> list[tuple[str, str]] | None:
    try:
        return [(x.license, x.terms) for x in Claim.read(claim).licenses]
    except (TypeError, ValueError, KeyError):
        return None


def _found(known: Known, said: Evidence, *, changed: bool | None, identification: str = "recovered") -> Finding:
    return Finding(
        identification=identification,  # type: ignore[arg-type]
        confidence=said.confidence,
        work=known.work,
        claim=_claim(known).document(),
        evidence=(replace(said, work=known.work),),
        changed=changed,
        withdrawn_at=known.withdrawn_at,
        withdrawn_reason=WHY if known.withdrawn_at is not None else None,
    )


def _claim(known: Known) -> Claim:
    """The claim as far as it is known, without names and titles; each part stands for the assets of one license."""
    licensed = [] if known.own else known.parts
    settled = all(part.share is not None for part in known.parts)
    shares = [(str(n), part.creator, part.share or 0) for n, part in enumerate(known.parts)] if settled else []
    return Claim(
        work=known.work,
        medium=known.medium,
        licensee="",
        licensee_name="",
        licenses=tuple(Licensed(x.license, str(n), x.creator, "", x.terms) for n, x in enumerate(licensed)),
        contributions=tuple(Contribution(n, "", "", creator, share) for n, creator, share in shares)
        or (Contribution("", "", "", "", WHOLE),),
        engine="",
        learned_from="",
        exact=False,
        method="",
    )


def _grounds(kit: Kit, finding: Finding) -> Grounds:
    claim = Claim.read(finding.claim) if finding.claim is not None else None
    given = claim.licenses if claim is not None else ()
    known = {x.license: ground for x in given if (ground := kit.ground(x.license)) is not None}
    return Grounds(licenses=known, styles={x.style: x.style for x in given})
