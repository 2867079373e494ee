"""What a picture or recording is told to be by what is registered: which works, which of them to name, how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution.evidence import Evidence, Layer
from attribution.judgment import APART, Look
from attribution.models import RecordedClaim
from core.media import Media, Picture

if TYPE_CHECKING:
    from attribution import heard, pictured

TIE = 0.03  # scores nearer than this do not tell works apart


@dataclass(frozen=True, eq=False)
class Candidate:
    """A work that the media may be a copy of, and where it lies there: what its mark can be read with."""

    subject: str
    match: pictured.Match | heard.Match


def of_media(session: Session, media: Media, *, closer: bool = True) -> tuple[tuple[Look, ...], list[Candidate]]:
    """By its fingerprint: each look is one work, or several that cannot be told apart, the surest first.

    `closer`: as `pictured.search`.
    """
    matches: Sequence[pictured.Match | heard.Match]
    if isinstance(media, Picture):
        from attribution import pictured
        from attribution.fingerprint import gray_of

        matches = pictured.search(session, pictured.Question(gray_of(media)), closer=closer)
    else:
        from attribution import heard

        matches = heard.search(session, media)
    found = []
    for group in _groups(matches):
        best = group[0]
        said = Evidence(
            "fingerprint",
            round(best.confidence, 4),
            best.detail,
            best.rough,
            work=best.subject,
            here=best.here,
            there=best.there,
        )
        look = chosen(session, "fingerprint", [one.subject for one in group], best.confidence, said)
        found.append(replace(look, copy=best.copy, own=best.own))
    return tuple(found), [Candidate(match.subject, match) for match in matches]


def chosen(session: Session, layer: Layer, subjects: Sequence[str], confidence: float, said: Evidence) -> Look:
    """The earliest of those that look the same; if they rest on different licenses, it is only one guess of several."""
    claims = session.scalars(
        select(RecordedClaim)
        .where(RecordedClaim.work.in_(subjects))
        .order_by(RecordedClaim.recorded_at, RecordedClaim.work)
    ).all()
    return told(layer, subjects, confidence, said, claims=claims)


def told(
    layer: Layer, subjects: Sequence[str], confidence: float, said: Evidence, *, claims: Sequence[RecordedClaim]
) -> Look:
    """As `chosen`; `claims`: those of the subjects that have one, the earliest first."""
    grounds = {tuple(row.licenses) for row in claims}  # none: a creator's own work, which nobody holds a license to
    if claims and len(claims) < len(subjects):
        grounds.add(())  # a registered original, likewise
    if len(grounds) > 1:
        confidence = confidence / len(grounds)
        said = _adding(said, f"{len(claims)} works look the same, under {len(grounds)} sets of licenses")
        said = replace(said, confidence=round(confidence, 4))
    elif len(claims) > 1:
        said = _adding(said, f"{len(claims)} works look the same, this is the earliest")
    withdrawn = [row for row in claims if row.withdrawn_at is not None] if len(grounds) > 1 else []
    claim = next(iter([*withdrawn, *claims]), None)  # of several it may be, the one that allows least
    named = claim.work if claim is not None else min(subjects)
    return Look(layer, tuple(subjects), named, claim, confidence, replace(said, work=named), grounds=len(grounds))


def _groups(matches: Sequence[pictured.Match | heard.Match]) -> list[list[pictured.Match | heard.Match]]:
    """Those that lie in the same place and are equally sure, together."""
    groups: list[list[pictured.Match | heard.Match]] = []
    for match in matches:
        for group in groups:
            if _alike(group[0], match):
                group.append(match)
                break
            if group[0].here.overlap(match.here) >= APART and group[0].copy:
                break  # the same place, and less sure: it is told as the surer one
        else:
            groups.append([match])
    return groups


def _alike(best: pictured.Match | heard.Match, other: pictured.Match | heard.Match) -> bool:
    near = best.here.overlap(other.here) >= APART and best.score - other.score <= TIE
    return near and best.copy and other.copy


def _adding(said: Evidence, more: str) -> Evidence:
    rough = f"{said.rough}; {more}" if said.rough is not None else None
    return replace(said, detail=f"{said.detail}; {more}", rough=rough)
