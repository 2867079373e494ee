"""Works made under a license, as a worker leaves them: sealed, recorded, and asked about as a platform would."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from attribution import registry, verify
from attribution.claim import Claim, Contribution, Licensed
from attribution.seal import Sealed, seal
from attribution.tools import Tools
from core import ids
from creators.models import Creator
from licensing import grounds
from licensing.models import License
from tests.creators.studio import AT, Studio
from tests.fakes import texture, within


def claim_on(session: Session, *rows: License) -> Claim:
    """The claim of a fresh work that rests on these licenses in equal parts."""
    part = 1_000_000 // len(rows)
    return Claim(
        work=ids.new("wrk"),
        medium="picture",
        licensee=rows[0].licensee,
        licensee_name="Bob Reed",
        licenses=tuple(
            Licensed(x.id, x.style, x.licensor, session.get_one(Creator, x.licensor).name, x.terms_hash) for x in rows
        ),
        contributions=tuple(Contribution(ids.new("ast"), "0" * 64, "A field", x.licensor, part) for x in rows),
        engine="toy 1",
        learned_from="nothing",
        exact=True,
        method="measured",
    )


def make(session: Session, studio: Studio, license: License, *, seed: int = 100) -> Sealed:
    """A sealed work under the license, not yet recorded."""
    picture = texture(seed, height=256, width=320)
    return seal(picture, claim_on(session, license), source=None, at=AT, tools=_tools(studio))


def record(session: Session, studio: Studio, license: License, *, seed: int = 100) -> Path:
    """The file of a work under the license, recorded as its claim."""
    sealed = make(session, studio, license, seed=seed)
    registry.record(session, sealed, at=AT)
    file = studio.root / f"{sealed.claim.work}.png"
    file.write_bytes(sealed.data)
    return file


def withdrawn(session: Session, studio: Studio, file: Path) -> bool:
    """Whether the claim itself, not only its license, is answered as withdrawn."""
    finding = verify.verify(within(session), file, tools=_tools(studio))
    assert finding.identification == "proven"
    reasons = grounds.answer(session, finding, at=AT).reasons
    return ("withdrawn", "claim") in {(reason.code, reason.clause) for reason in reasons}


def _tools(studio: Studio) -> Tools:
    return Tools.within(studio.root)
