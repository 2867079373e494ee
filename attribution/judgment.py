"""Pure: what several layers say of a file, brought to one finding.

A manifest alone never convicts anyone, and a mark alone never pays anyone: money may follow only where two independent
layers agree. Where layers name different works the file is contested, or it is told which of them was transplanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attribution.evidence import DERIVED, SAME, SIGNED, Evidence, Finding, Identification, Place
from attribution.manifest import Statement
from attribution.models import RecordedClaim

MARKED = 0.95  # the most a mark is believed alone: it was not read by chance, but it may have been copied
APART = 0.3  # of the smaller of two places: what both may cover and still be two


@dataclass(frozen=True)
class Look:
    """Who the media itself says it is, by one layer.

    `subjects` are equally likely; `chosen` is the one to tell, if there is any. `copy`: whether it is a copy of it, or
    only composed alike; `own`: whether what agrees is the work's own, which what it was made from lacks. `grounds`: how
    many different sets of licenses they rest on.
    """

    layer: str
    subjects: tuple[str, ...]
    chosen: str
    claim: RecordedClaim | None
    confidence: float
    evidence: Evidence
    copy: bool = True
    own: bool = True
    grounds: int = 1

    @property
    def here(self) -> Place | None:
        return self.evidence.here


@dataclass(frozen=True)
class Signs:
    """Everything that was found of a file.

    `signed`: the recorded claim that a manifest of ours names. `seen`: by samples or fingerprint, the surest first.
    `mark`: what the mark in it names. `comparable`: whether what was signed could have been found at all.
    """

    statement: Statement
    signed: RecordedClaim | None
    seen: tuple[Look, ...] = ()
    mark: Look | None = None
    comparable: bool = True

    @property
    def best(self) -> Look | None:
        return next((look for look in self.seen if look.copy), None)


def judge(signs: Signs, *, sha256: str) -> Finding:
    """The finding. `sha256`: of the file."""
    if signs.statement.state == "trusted" and signs.signed is not None:
        return _signed(signs, signs.signed, sha256)
    told = _told(signs)
    if signs.best is not None:
        return _seen(signs, signs.best, told, sha256)
    if signs.mark is not None and signs.mark.claim is not None:
        return _marked(signs, signs.mark, told)
    if signs.seen:
        return _derived(signs.seen, told)
    return Finding("none", 0.0, evidence=told)


def _signed(signs: Signs, row: RecordedClaim, sha256: str) -> Finding:
    """Our own signature names a recorded work: the claim, the media and the mark must bear it out.

    What has no texture that survives another form, as a plain picture in JPEG, is borne out by its mark.
    """
    against = []
    if signs.statement.claim != row.document:
        against.append(_against(f"it quotes another claim than the one recorded for {row.work}"))
    best = signs.best
    marked = signs.mark is not None and row.work in signs.mark.subjects
    borne = row.file_sha256 == sha256 or (row.work in best.subjects if best is not None else marked)
    if signs.comparable and not borne:
        seen = f"what it holds is {best.chosen}" if best is not None else "what it holds is not the recorded work"
        against.append(_against(f"signed here for {row.work}, but {seen}"))
    looks = _evidence(signs)
    if against:
        shown = best.claim if best is not None and best.claim is not None else row
        sure = best.confidence if best is not None and best.claim is not None else 0.0
        return _found("contested", sure, shown, (*against, *looks), changed=True)
    signed = Evidence("manifest", SIGNED, f"signed here for {row.work}, unchanged since", work=row.work)
    other = signs.mark.chosen if signs.mark is not None and row.work not in signs.mark.subjects else None
    found = _found("proven", SIGNED, row, (signed, *looks), changed=False)  # its signature covers the media
    return replace(found, payable=borne and other is None, others=(other,) if other is not None else ())


def _seen(signs: Signs, best: Look, told: tuple[Evidence, ...], sha256: str) -> Finding:
    """Nobody we trust has signed it: what it holds decides, and the mark agrees, or is told as another's."""
    evidence = (*told, *_evidence(signs))
    apart = _others(signs.seen, best)
    exact = best.layer == "samples"
    marked = signs.mark is not None and bool(set(signs.mark.subjects) & set(best.subjects)) and not apart
    identification: Identification = "recovered" if exact or marked else "matched"
    confidence = best.confidence
    if marked and signs.mark is not None and not exact:
        best = _told_apart(best, signs.mark)
        confidence = _agreeing(best, signs.mark)
    if apart:
        identification = "several"
    others = tuple(look.chosen for look in apart)
    if signs.mark is not None and not marked and signs.mark.chosen not in (best.chosen, *others):
        others = (*others, signs.mark.chosen)
    if best.claim is None:
        return Finding(
            "several" if apart else "matched", confidence, evidence=evidence, changed=not exact, others=others
        )
    changed = best.claim.file_sha256 != sha256
    found = _found(identification, confidence, best.claim, evidence, changed=changed)
    return replace(found, payable=(exact or marked) and best.grounds == 1 and not others, others=others)


def _marked(signs: Signs, mark: Look, told: tuple[Evidence, ...]) -> Finding:
    """No copy was seen. A mark alone is a hint: a heavy edit, or a mark that somebody copied.

    Where what can be made out is that work's own, two layers agree. A composition that its photograph has too is none:
    who has another picture made from it could lay the mark over that.
    """
    assert mark.claim is not None
    evidence = (*told, *_evidence(signs))
    alike = [look for look in signs.seen if look.own and set(look.subjects) & set(mark.subjects)]
    if alike:
        found = _found("recovered", _agreeing(alike[0], mark), mark.claim, evidence, changed=True)
        return replace(found, payable=True)
    return _found("hint", min(MARKED, mark.confidence), mark.claim, evidence, changed=True)


def _derived(seen: Sequence[Look], told: tuple[Evidence, ...]) -> Finding:
    """Composed as a work is, or the same tune, and not a copy of it: it may come from what the work came from."""
    best = seen[0]
    evidence = (*told, *(look.evidence for look in seen))
    if best.claim is None:
        return Finding("derived", min(DERIVED, best.confidence), evidence=evidence, others=(best.chosen,))
    return _found("derived", min(DERIVED, best.confidence), best.claim, evidence, changed=True)


def _told(signs: Signs) -> tuple[Evidence, ...]:
    """A manifest that decides nothing, and why."""
    statement, row, best = signs.statement, signs.signed, signs.best
    if statement.state == "none":
        return ()
    said = statement.detail
    if statement.state == "trusted":
        said = f"signed here for {statement.work or 'no work'}, which was never recorded"
    elif statement.state == "broken" and not signs.comparable:
        said = f"signed here for {statement.work}, but changed since or taken from another file"
    elif statement.state == "broken" and row is not None and (best is None or row.work not in best.subjects):
        said = f"signed here for {row.work}, but this is another work: the manifest was transplanted"
    elif statement.state == "broken":
        said = f"signed here for {statement.work}, but changed since"
    return (_against(said),)


def _against(said: str) -> Evidence:
    return Evidence("manifest", 0.0, said)


def _evidence(signs: Signs) -> tuple[Evidence, ...]:
    """What the media says: copies first; composition alone only where there is no copy and no signature."""
    seen = [look.evidence for look in signs.seen if look.copy or signs.best is None]
    mark = [signs.mark.evidence] if signs.mark is not None else []
    return (*seen, *mark)


def _others(seen: Sequence[Look], best: Look) -> list[Look]:
    """Further works that lie elsewhere in the file, the surest first."""
    kept = [best]
    for look in seen:
        places = [one.here for one in kept]
        if look is best or not look.copy or look.here is None or None in places:
            continue
        if all(place is not None and look.here.overlap(place) < APART for place in places):
            kept.append(look)
    return kept[1:]


def _told_apart(best: Look, mark: Look) -> Look:
    """Of works that look the same, the one whose mark is in the file, as sure as if there were no other."""
    if best.grounds == 1 and mark.chosen == best.chosen:
        return best
    return replace(best, chosen=mark.chosen, claim=mark.claim, confidence=best.confidence * best.grounds, grounds=1)


def _agreeing(one: Look, other: Look) -> float:
    """Two independent layers that name the same work are wrong only together."""
    return min(SAME, 1 - (1 - one.confidence) * (1 - other.confidence))


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


found = _found
