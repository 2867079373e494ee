"""Pure: the sandbox's samples: what is found of each, and the licenses they rest on, as they are at a time.

Verdicts about them are composed by the same rules as any (`licensing.verdicts`), from these facts instead of the
database's. Their ids begin with zeros, as of a time long before any house.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from attribution.claim import Claim, Contribution, Licensed
from attribution.evidence import DERIVED, Evidence, Finding, Identification, Layer
from core.errors import NotFound
from core.money import Money
from core.shares import WHOLE
from licensing import policy
from licensing.sandbox import pictures
from licensing.terms import Terms
from licensing.verdicts import Ground, Grounds

ENDED_AT = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)  # since when what was taken back is
NOTICE = "a sample of the sandbox"
LAYERS: Mapping[Identification, Layer] = {
    "proven": "manifest",
    "matched": "fingerprint",
    "derived": "fingerprint",
    "several": "fingerprint",
    "contested": "manifest",
    "hint": "mark",
}
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class NoSuchSample(NotFound):
    """The sandbox has no sample of this name."""


@dataclass(frozen=True)
class Sample:
    """A made-up work. `found`: what its file is, and how surely; `end`: how it was taken back at ENDED_AT, if it was.

    Without `terms` it is its creator's own, and if nothing is found of it there is no such work at all.
    """

    name: str
    words: str
    terms: Terms | None
    found: Identification = "proven"
    confidence: float = 0.9999
    end: Literal["withdrawn", "revoked"] | None = None
    style: Literal["listed", "held"] = "listed"
    others: tuple[str, ...] = ()

    @property
    def work(self) -> str:
        return made_up("wrk", self.name)

    @property
    def license(self) -> str:
        return made_up("lic", self.name)

    @property
    def mark(self) -> str:
        return f"{int.from_bytes(hashlib.sha256(f'mark {self.name}'.encode()).digest()[:8]) >> 1:016x}"


def made_up(kind: str, name: str) -> str:
    """An id that no house gives out: of the year 1970."""
    number = int.from_bytes(hashlib.sha256(f"{kind} {name}".encode()).digest()[:10])
    return f"{kind}_{'0' * 10}{''.join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))}"


TERMS = Terms(
    medium="picture",
    starts_on=dt.date(2000, 1, 1),
    ends_on=dt.date(2100, 1, 1),
    price=Money.parse("5.00"),
    royalty_ppm=500_000,
    fan_ppm=300_000,
    max_copy_ppm=50_000,
    uses=frozenset({"publish", "stream", "sell", "print"}),
    attribution="In the style of Sample Artist",
)
SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample("licensed", "may be published, streamed, sold and printed everywhere; not advertised with", TERMS),
        Sample("needs-report", "may be used, and each use must be reported", replace(TERMS, report_uses=TERMS.uses)),
        Sample(
            "expired",
            "was licensed for the year 2020 alone",
            replace(TERMS, starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2021, 1, 1)),
        ),
        Sample("not-yet", "is licensed from 2090 on", replace(TERMS, starts_on=dt.date(2090, 1, 1))),
        Sample(
            "territory",
            "is licensed in Germany, Austria and Switzerland",
            replace(TERMS, territory=frozenset({"AT", "CH", "DE"})),
        ),
        Sample("withdrawn", "was withdrawn by its artist on 2024-03-01", TERMS, end="withdrawn"),
        Sample("revoked", "rests on a license that was revoked on 2024-03-01", TERMS, end="revoked"),
        Sample(
            "contested",
            "the file's signs name different works, and whose style it is is being decided",
            TERMS,
            found="contested",
            confidence=0.5,
            style="held",
        ),
        Sample("own", "is an artist's own work, which nobody holds a license to", None),
        Sample("hint", "only the mark hidden in it names a work", TERMS, found="hint", confidence=0.95),
        Sample("derived", "is composed like a work, and no copy of it", TERMS, found="derived", confidence=DERIVED),
        Sample("unsure", "looks like a work, but not surely enough for a use", TERMS, found="matched", confidence=0.85),
        Sample(
            "several",
            "holds two works, of which one needs reports",
            TERMS,
            found="several",
            confidence=0.99,
            others=("needs-report",),
        ),
        Sample("unknown", "is registered nowhere", TERMS, found="none", confidence=0.0),
    )
}


def get(name: str) -> Sample:
    """Raises NoSuchSample."""
    found = SAMPLES.get(name)
    if found is None:
        raise NoSuchSample(f"the sandbox has no sample {name[:40]!r}; choose of: {', '.join(SAMPLES)}")
    return found


def of_work(work: str) -> Sample | None:
    """The sample whose work has this number, if there is such a work."""
    return next((x for x in SAMPLES.values() if x.work == work and x.found != "none"), None)


def by_name(kind: str, value: str, *, at: dt.datetime) -> Finding:
    """What is recorded under a number or a hash, at this time; the hash is of a sample's file."""
    if kind == "sha256":
        return by_file(value, at=at)
    for sample in SAMPLES.values():
        if sample.found != "none" and value == {"work": sample.work, "mark": sample.mark}.get(kind):
            said = Evidence("number", 1.0, f"{NOTICE}; no file was shown", work=sample.work)
            named = replace(_alone(sample, at), identification="named", confidence=1.0, changed=None)
            return replace(named, evidence=(said,), payable=True)
    return _nothing()


def by_file(sha256: str | None, *, at: dt.datetime) -> Finding:
    """What a file with this SHA-256 is."""
    name = _hashes().get(sha256) if sha256 is not None else None
    if name is None or SAMPLES[name].found == "none":
        return _nothing()
    return _alone(SAMPLES[name], at)


def grounds(at: dt.datetime) -> Grounds:
    """All licenses of the sandbox as they stand at this time."""
    licensed = [sample for sample in SAMPLES.values() if sample.terms is not None and sample.found != "none"]
    others = {sample.work: _alone(sample, at) for sample in licensed}
    return Grounds(licenses={sample.license: _ground(sample, at) for sample in licensed}, others=others)


def _ground(sample: Sample, at: dt.datetime) -> Ground:
    assert sample.terms is not None
    state = "revoked" if sample.end == "revoked" and at >= ENDED_AT else "active"
    stands = policy.standing(sample.license, state=state, style=sample.style)
    return Ground(sample.license, sample.terms, sample.terms.hash, stands)


def _alone(sample: Sample, at: dt.datetime) -> Finding:
    layer = LAYERS[sample.found]
    withdrawn = sample.end == "withdrawn" and at >= ENDED_AT
    return Finding(
        sample.found,
        sample.confidence,
        work=sample.work,
        claim=claim_of(sample).document(),
        evidence=(Evidence(layer, sample.confidence, f"{NOTICE}: {sample.words}", work=sample.work),),
        changed=False,
        withdrawn_at=ENDED_AT if withdrawn else None,
        withdrawn_reason="its artist took it back" if withdrawn else None,
        payable=sample.found == "proven",
        others=tuple(SAMPLES[name].work for name in sample.others),
    )


def _nothing() -> Finding:
    return Finding("none", 0.0, evidence=(Evidence("hash", 0.0, "the sandbox knows no such sample"),))


@functools.cache
def claim_of(sample: Sample) -> Claim:
    """The claim that the sample's work would be recorded with."""
    creator, creator_name = made_up("cre", "artist"), "Sample Artist"
    fan = made_up("per", "fan"), "Sample Fan"
    sha256 = hashlib.sha256(f"asset {sample.name}".encode()).hexdigest()
    if sample.terms is None:
        return Claim.of_own(sample.work, "picture", owner=fan, creator=creator, title="A sample", sha256=sha256)
    style, asset = made_up("sty", sample.name), made_up("ast", sample.name)
    return Claim(
        work=sample.work,
        medium="picture",
        licensee=fan[0],
        licensee_name=fan[1],
        licenses=(Licensed(sample.license, style, creator, creator_name, sample.terms.hash),),
        contributions=(Contribution(asset, sha256, "A sample", creator, WHOLE),),
        engine="sandbox 1",
        learned_from="nothing: it is made up",
        exact=True,
        method="made up",
    )


@functools.cache
def _hashes() -> Mapping[str, str]:
    return {pictures.sha256(name): name for name in SAMPLES}
