"""Questions about files on the wire: what is asked, and the verdict; a recorded claim, as anyone may read it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from attribution.claim import Claim
from attribution.evidence import Identification
from attribution.models import RecordedClaim
from core.web import Out
from licensing.questions import Asked, By
from licensing.verdicts import Verdict


class AskedOut(Out):
    """What was asked, completed. use, medium, territory and date are null where only the standing was asked for."""

    by: By
    use: str | None
    medium: str | None
    territory: str | None
    date: dt.date | None


class ReasonOut(Out):
    """Why not, or why only so. `clause` names the field of the terms, or what stands instead of one."""

    code: str
    clause: str
    license: str | None
    text: str


class PlaceOut(Out):
    """A part of a picture, in parts of its width and height from its corner, or of a recording, in seconds."""

    left: float | None = None
    top: float | None = None
    right: float | None = None
    bottom: float | None = None
    begin: float | None = None
    end: float | None = None


class EvidenceOut(Out):
    """What one layer says, and how sure it is: manifest, samples, fingerprint, mark, hash, code or number.

    `work`: what it names. `here`: where in the file that is, and `there`: which part of the work, where that is known.
    """

    layer: str
    confidence: float
    detail: str
    work: str | None
    here: PlaceOut | None
    there: PlaceOut | None


class LicensorOut(Out):
    creator: str
    name: str


class LicenseeOut(Out):
    name: str


class ShareOut(Out):
    """A licensed asset's part of the work, in millionths."""

    asset: str
    title: str
    licensor: str
    share: int


class LicensorShareOut(Out):
    """A creator's part of what the creators have together, in millionths."""

    creator: str
    share: int


class IncomeOut(Out):
    """How all that the work earns is divided, in millionths of it; each licensor's share is of the creators' part."""

    platform_ppm: int
    fan_ppm: int
    creators_ppm: int
    licensors: list[LicensorShareOut]


class TermsHashOut(Out):
    """The hash of the terms that a license was granted under."""

    license: str
    sha256: str


class HouseOut(Out):
    """Who answers."""

    name: str
    version: str


class VerdictOut(Out):
    """What the file is (identification, confidence, evidence), whether its license stands (standing), and whether the
    use that was asked about is allowed (permission; null without one).

    `payable`: two independent layers agree, so that money may follow. `others`: further works in the file, by ids.
    `signed`: the same as a JSON Web Signature (EdDSA) that counts for 24 hours, by a key at /.well-known/jwks.json.
    `income`: what is owed of what the work earns, and to whom; null where that is not settled.
    """

    identification: Identification
    standing: Literal["licensed", "withdrawn", "unlicensed", "unknown"]
    confidence: float
    permission: Literal["permit", "needs-report", "deny"] | None
    reasons: list[ReasonOut]
    work: str | None
    licensors: list[LicensorOut]
    licensee: LicenseeOut | None
    shares: list[ShareOut]
    evidence: list[EvidenceOut]
    changed: bool | None
    payable: bool
    others: list[str]
    income: IncomeOut | None
    terms: list[TermsHashOut]
    asked: AskedOut
    house: HouseOut
    at: dt.datetime
    signed: str

    @classmethod
    def of(cls, verdict: Verdict, question: Asked, *, house: HouseOut, at: dt.datetime, signed: str) -> VerdictOut:
        completed = (
            vars(verdict.question) if verdict.question else dict.fromkeys(("use", "medium", "territory", "date"))
        )
        return cls(
            **verdict.document(),
            asked=AskedOut(by=question.by, **completed),
            house=house,
            at=at,
            signed=signed,
        )


class LicensedOut(Out):
    """One license that the work rests on; `terms` is the hash of the terms it was granted under."""

    license: str
    style: str
    licensor: str
    licensor_name: str
    terms: str


class ContributionOut(Out):
    """A licensed asset's measured part of the work, in millionths. `sha256`: of the asset's samples."""

    asset: str
    sha256: str
    title: str
    licensor: str
    share: int


class ClaimDocument(Out):
    """Who made which work from what, as it was recorded and as the sealed file quotes it.

    `training`: on which condition its licenses allow AI to be trained on it; "" where that is reserved. `reworks`: the
    earlier work that it repaints a part of. `voice`: somebody's voice is among what it was made from.
    """

    work: str
    medium: str
    licensee: str
    licensee_name: str
    licenses: list[LicensedOut]
    contributions: list[ContributionOut]
    engine: str
    learned_from: str
    exact: bool
    method: str
    training: str
    reworks: str | None
    voice: bool


class ClaimOut(Out):
    """A recorded claim, which never changes but for names that were erased, and where the work stands today."""

    work: str
    claim: ClaimDocument
    file_sha256: str
    iscc: str
    recorded_at: dt.datetime
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str | None
    standing: Literal["licensed", "withdrawn", "unlicensed", "unknown"]
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, row: RecordedClaim, verdict: Verdict) -> ClaimOut:
        recorded = ("work", "file_sha256", "iscc", "recorded_at", "withdrawn_at", "withdrawn_reason")
        return cls(
            **{name: getattr(row, name) for name in recorded},
            claim=ClaimDocument(**_as_now_named(row, verdict)),
            standing=verdict.standing,
            reasons=[ReasonOut.model_validate(reason) for reason in verdict.reasons],
        )


def _as_now_named(row: RecordedClaim, verdict: Verdict) -> dict[str, Any]:
    """The claim's document, with the names that the verdict may still tell."""
    names = {x["creator"]: x["name"] for x in verdict.licensors}
    claim = Claim.read(row.document)
    document = {**claim.document(), "training": claim.training, "reworks": claim.reworks, "voice": claim.voice}
    licenses = [{**x, "licensor_name": names[x["licensor"]]} for x in document["licenses"]]
    holder = verdict.licensee or next(iter(verdict.licensors), {})
    return {**document, "licenses": licenses, "licensee_name": holder.get("name", "")}
