"""What a finished work earns goes to whoever its claim names, by the terms each license was granted under.

The program follows from the recorded claim and those terms alone; neither ever changes, so every report about a work is
divided by one program, in whatever order reports come. A withdrawn work still owes what it earned.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution.claim import Claim, Licensed
from attribution.models import RecordedClaim
from core import ids
from core.errors import NotFound
from core.money import Money
from core.shares import WHOLE
from creators.models import Asset
from licensing import dues, terms
from licensing.dues import NoTermsFor, Part
from licensing.models import License
from payments import entries, ledger
from payments.models import Entry
from payments.waterfall import Program

SOURCE = "world:reported"


class NotFinished(NotFound):
    """There is no finished work under this id."""


def report(session: Session, *, work: str, amount: Money, reference: str, at: datetime) -> Entry:
    """Divide what a work earned outside; once for each reference of the reporter's own.

    Raises NotFinished, NotAnAmount, FaultyEntry (a reference that cannot be one), ReferenceReused, NoTermsFor.
    """
    return ledger.collect(
        session,
        kind=entries.EXPLOITATION,
        program=program_of(session, claim_of(session, work=work)),
        work=work,
        amount=amount,
        source=SOURCE,
        reference=f"income:{reference}",
        at=at,
    )


def claim_of(session: Session, *, work: str) -> Claim:
    """The claim that a finished work is recorded with, withdrawn or not. Raises NotFinished."""
    row = session.get(RecordedClaim, ids.check(work, "wrk"))
    if row is None:
        raise NotFinished(f"work {work} is not finished, so it cannot have earned anything; check the id", work=work)
    return Claim.read(row.document)


def program_of(session: Session, claim: Claim) -> Program:
    """How what the claimed work earns is divided; a creator's own work earns for its creator. Raises NoTermsFor."""
    if claim.own:
        whole = [Part(f"creator:{x.licensor}", x.share, WHOLE, 0) for x in claim.contributions]
        return entries.income_program(whole, fan=f"person:{claim.licensee}")
    shares = dues.by_license(claim, styles=_styles(session, claim))
    return entries.income_program(
        [_part(session, license, shares[license.license]) for license in claim.licenses],
        fan=f"person:{claim.licensee}",
    )


def _styles(session: Session, claim: Claim) -> dict[str, str]:
    """The styles of assets that alone tell which license they rest on."""
    assets = dues.ambiguous(claim)
    if not assets:
        return {}
    return dict(session.execute(select(Asset.id, Asset.style).where(Asset.id.in_(assets))).all())


def _part(session: Session, licensed: Licensed, share: int) -> Part:
    row = session.get(License, licensed.license)
    granted = terms.read(row.terms) if row is not None else None
    if granted is None or granted.hash != licensed.terms:
        raise NoTermsFor(
            f"license {licensed.license} does not have the terms that the claim names; run homage audit",
            license=licensed.license,
        )
    return Part(f"creator:{licensed.licensor}", share, granted.royalty_ppm, granted.fan_ppm)
