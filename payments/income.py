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
from core.errors import Conflict, NotFound
from core.money import Money
from core.shares import WHOLE
from creators.models import Asset
from licensing import terms
from licensing.models import License
from payments import entries, ledger
from payments.entries import Part
from payments.models import Entry
from payments.waterfall import Program

SOURCE = "world:reported"


class NotFinished(NotFound):
    """There is no finished work under this id."""


class NoTermsFor(Conflict):
    """A part of the work rests on no license that we know."""


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
    shares = dict.fromkeys((x.license for x in claim.licenses), 0)
    styles = _styles(session, claim)
    for contribution in claim.contributions:
        shares[_license(claim, contribution.licensor, styles.get(contribution.asset)).license] += contribution.share
    return entries.income_program(
        [_part(session, license, shares[license.license]) for license in claim.licenses],
        fan=f"person:{claim.licensee}",
    )


def _license(claim: Claim, licensor: str, style: str | None) -> Licensed:
    """The license that a contribution rests on: its licensor's only one, or among several the one for its style."""
    own = [x for x in claim.licenses if x.licensor == licensor]
    found = own if len(own) == 1 else [x for x in own if x.style == style]
    if len(found) != 1:
        raise NoTermsFor(
            f"work {claim.work} has a part by {licensor} that rests on no single license of theirs; run homage audit",
            work=claim.work,
            licensor=licensor,
        )
    return found[0]


def _styles(session: Session, claim: Claim) -> dict[str, str]:
    """Each contributing asset's style."""
    query = select(Asset.id, Asset.style).where(Asset.id.in_([x.asset for x in claim.contributions]))
    return dict(session.execute(query).all())


def _part(session: Session, licensed: Licensed, share: int) -> Part:
    row = session.get(License, licensed.license)
    granted = terms.read(row.terms) if row is not None else None
    if granted is None or granted.hash != licensed.terms:
        raise NoTermsFor(
            f"license {licensed.license} does not have the terms that the claim names; run homage audit",
            license=licensed.license,
        )
    return Part(f"creator:{licensed.licensor}", share, granted.royalty_ppm, granted.fan_ppm)
