"""Pure: a work's credits as platforms ask for them: who took part in which role, and which parts a machine made.

The parts of a recording and how far each was made by AI follow the disclosure that DDEX agreed on for recordings
(2025): vocals, instrumentation, composition, post-production and lyrics, each in whole, in part or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from attribution import definition
from attribution.claim import Claim

Extent = Literal["none", "partial", "all"]
Part = Literal["vocals", "instrumentation", "composition", "post_production", "lyrics", "image"]
Role = Literal["producer", "vocalist", "musician", "artist"]


@dataclass(frozen=True)
class Contributor:
    """Somebody who took part. `share`: of the work, in millionths; None for its maker, whose part is not measured."""

    id: str
    name: str
    role: Role
    share: int | None
    licenses: tuple[str, ...]


@dataclass(frozen=True)
class Credits:
    """Whom to credit for a work, and what of it to disclose. `isrc`: of the recording it is a version of, or ""."""

    work: str
    medium: str
    contributors: tuple[Contributor, ...]
    parts: tuple[tuple[Part, Extent], ...]
    digital_source_type: str
    engine: str
    learned_from: str
    isrc: str


def of(claim: Claim, *, names: Mapping[str, str], with_source: bool, isrc: str) -> Credits:
    """The credits of a claimed work. `names`: of whom the claim names, by id, as they are called now."""
    maker = Contributor(claim.licensee, names[claim.licensee], "producer", None, ())
    return Credits(
        work=claim.work,
        medium=claim.medium,
        contributors=(maker, *_licensors(claim, names)),
        parts=_parts(claim, with_source),
        digital_source_type=definition.source_type(claim, with_source),
        engine=claim.engine,
        learned_from=claim.learned_from,
        isrc=isrc,
    )


def _licensors(claim: Claim, names: Mapping[str, str]) -> list[Contributor]:
    """The largest share first."""
    shares = {x.licensor: 0 for x in claim.licenses}
    for one in claim.contributions:
        shares[one.licensor] = shares.get(one.licensor, 0) + one.share
    role: Role = "artist" if claim.medium == "picture" else "vocalist" if claim.voice else "musician"
    return [
        Contributor(
            licensor, names[licensor], role, share, tuple(x.license for x in claim.licenses if x.licensor == licensor)
        )
        for licensor, share in sorted(shares.items(), key=lambda one: (-one[1], one[0]))
    ]


def _parts(claim: Claim, with_source: bool) -> tuple[tuple[Part, Extent], ...]:
    """What a machine made. Where shares are exact, it chose and joined what people made; a trained one made all."""
    made: Extent = "partial" if claim.exact else "all"
    if claim.medium == "picture":
        return (("image", made),)
    return (
        ("vocals", made if claim.voice else "none"),
        ("instrumentation", "none" if claim.voice else made),
        ("composition", "none" if with_source else made),
        ("post_production", "none"),
        ("lyrics", "none"),
    )
