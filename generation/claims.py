"""The attribution record of what was rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.claim import Claim, Contribution
from generation.engine import Engine, Exact, Rendering
from generation.preparations import Prepared

if TYPE_CHECKING:
    from generation.workshop import Job


def of(job: Job, engine: Engine, prepared: list[Prepared], rendering: Rendering) -> Claim:
    """The attribution record of what was rendered: each asset's measured share, and whose license it rests on."""
    known = {asset.id: asset for style in prepared for asset in style.assets}
    exact = isinstance(rendering.provenance, Exact)
    return Claim(
        work=job.work,
        medium=engine.card.medium,
        licensee=job.person,
        licensee_name=job.person_name,
        licenses=job.licenses,
        contributions=tuple(
            Contribution(
                asset=share.asset,
                sha256=known[share.asset].sha256,
                title=known[share.asset].title,
                licensor=known[share.asset].creator,
                share=share.share,
            )
            for share in rendering.provenance.shares
            if share.share > 0
        ),
        engine=f"{engine.card.name} {engine.card.version}",
        learned_from=engine.card.learned_from,
        exact=exact,
        method=_measured(engine) if isinstance(rendering.provenance, Exact) else rendering.provenance.method,
        training=job.training,
        reworks=job.rework,
        voice=any(known[share.asset].voice for share in rendering.provenance.shares if share.share > 0),
    )


def _measured(engine: Engine) -> str:
    return "measured per pixel" if engine.card.medium == "picture" else "measured per hundredth of a second"
