"""A work's credits, on the wire."""

from __future__ import annotations

from attribution.credits import Credits, Extent, Part, Role
from core.web import Out


class ContributorOut(Out):
    """Somebody who took part. `share`: measured, in millionths; null for the work's maker. `licenses`: it rests on."""

    name: str
    role: Role
    share: int | None
    licenses: list[str]


class DisclosedOut(Out):
    """How far a part of the work was made by AI."""

    part: Part
    extent: Extent


class CreditsOut(Out):
    """Whom to credit, and what to disclose, as distributors ask for it (DDEX's parts of a recording).

    `digital_source_type`: IPTC's word for how it was made. `isrc`: of the recording that it is a version of, if that
    file named one. `claim`: where the whole record is public.
    """

    work: str
    medium: str
    contributors: list[ContributorOut]
    made_by_ai: list[DisclosedOut]
    digital_source_type: str
    engine: str
    learned_from: str
    isrc: str | None
    claim: str

    @classmethod
    def of(cls, found: Credits) -> CreditsOut:
        return cls(
            work=found.work,
            medium=found.medium,
            contributors=[
                ContributorOut(name=x.name, role=x.role, share=x.share, licenses=list(x.licenses))
                for x in found.contributors
            ],
            made_by_ai=[DisclosedOut(part=part, extent=extent) for part, extent in found.parts],
            digital_source_type=found.digital_source_type,
            engine=found.engine,
            learned_from=found.learned_from,
            isrc=found.isrc or None,
            claim=f"/v1/claims/{found.work}",
        )
