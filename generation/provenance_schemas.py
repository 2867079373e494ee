"""Whose a work is, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from core.web import Amount, Out
from generation.provenance import Provenance, thumbnail_of
from generation.schemas import LineOut, usd
from licensing.schemas import Party


class ProvenContributionOut(Out):
    """One picture's part: `share` in millionths, `amount` of the fee; `index` and `color` in the overlay."""

    index: int
    asset: str
    title: str
    licensor: Party
    share: int
    amount: Amount | None
    url: str
    color: str


class ProvenLicenseOut(Out):
    """A license that a work rests on; `terms` is the hash of the terms it was granted under."""

    license: str
    style: str
    licensor: Party
    terms: str


class ProvenClaimOut(Out):
    """The record of a work, and where the whole of it is public."""

    url: str
    licensee: str
    licenses: list[ProvenLicenseOut]
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class AncestorOut(Out):
    """Something a work comes from."""

    what: Literal["source", "style", "asset"]
    id: str
    name: str
    url: str | None


class ProvenanceOut(Out):
    """Whose a work is. `exact`: the shares are measured; else they are an estimate by `method`.

    `paid` divides the fee, `earned` what the finished work has earned so far; each sums to what was received.
    """

    exact: bool
    method: str
    learned_from: str
    engine: str
    contributions: list[ProvenContributionOut]
    paid: list[LineOut]
    earned: list[LineOut]
    claim: ProvenClaimOut
    file_sha256: str
    iscc: str
    lineage: list[AncestorOut]
    credentials: list[str]

    @classmethod
    def of(cls, found: Provenance) -> ProvenanceOut:
        claim = found.claim
        return cls(
            exact=claim.exact,
            method=claim.method,
            learned_from=claim.learned_from,
            engine=claim.engine,
            contributions=[
                ProvenContributionOut(
                    index=part.index,
                    asset=part.contribution.asset,
                    title=part.contribution.title,
                    licensor=Party(id=part.contribution.licensor, name=part.licensor_name),
                    share=part.contribution.share,
                    amount=None if part.amount is None else usd(part.amount),
                    url=thumbnail_of(part.contribution.asset),
                    color=part.color,
                )
                for part in found.parts
            ],
            paid=[LineOut.of(line, found.names) for line in found.paid],
            earned=[LineOut.of(line, found.names) for line in found.earned],
            claim=ProvenClaimOut(
                url=f"/v1/claims/{claim.work}",
                licensee=found.parties[claim.licensee],
                licenses=[
                    ProvenLicenseOut(
                        license=x.license,
                        style=x.style,
                        licensor=Party(id=x.licensor, name=found.parties[x.licensor]),
                        terms=x.terms,
                    )
                    for x in claim.licenses
                ],
                recorded_at=found.record.recorded_at,
                withdrawn_at=found.record.withdrawn_at,
                withdrawn_reason=found.record.withdrawn_reason,
            ),
            file_sha256=found.record.file_sha256,
            iscc=found.record.iscc,
            lineage=[AncestorOut.model_validate(x) for x in found.lineage],
            credentials=list(found.credentials),
        )
