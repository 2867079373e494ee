"""Pure: a claim is the attribution record of a work: what it is, whose, under which licenses, with which shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.shares import WHOLE


@dataclass(frozen=True)
class Licensed:
    """One license that a work rests on. `terms` is the hash of the terms it was granted under."""

    license: str
    style: str
    licensor: str  # creator id
    licensor_name: str
    terms: str


@dataclass(frozen=True)
class Contribution:
    """A licensed asset's measured part of the work, in millionths, and who licensed it."""

    asset: str
    sha256: str  # of the asset's samples
    title: str
    licensor: str
    share: int


@dataclass(frozen=True)
class Claim:
    """Who made which work from what. `exact` says whether the shares are measured or declared by `method`.

    `training`: on which condition its licenses allow AI to be trained on it; "" where it is reserved. `reworks`: the
    earlier work that it repaints a part of. `voice`: somebody's voice is among what it was made from.

    A claim without licenses is a creator's own work, whole: it rests on nobody else.
    """

    work: str
    medium: str
    licensee: str  # person id
    licensee_name: str
    licenses: tuple[Licensed, ...]
    contributions: tuple[Contribution, ...]
    engine: str  # "name version"
    learned_from: str
    exact: bool
    method: str
    training: str = ""
    reworks: str | None = None
    voice: bool = False

    def __post_init__(self) -> None:
        if sum(c.share for c in self.contributions) != WHOLE:
            raise ValueError("a claim's shares sum to 1,000,000")
        if not self.licenses and len(self.contributions) != 1:
            raise ValueError("a claim rests on at least one license, or is of a creator's own work, whole")

    @property
    def own(self) -> bool:
        """Whether it is of a creator's own work, that no license was needed for."""
        return not self.licenses

    @property
    def ingredients(self) -> frozenset[str]:
        """What the work was made from, by ids."""
        earlier = [] if self.reworks is None else [self.reworks]
        return frozenset([*earlier, *(x.asset for x in self.contributions)]) - {self.work}

    def document(self) -> dict[str, Any]:
        """The claim as plain JSON values, as stored and as quoted in a manifest.

        What older claims did not say is left out where there is nothing to say: they stay as they were recorded.
        """
        more = {"training": self.training, "reworks": self.reworks, "voice": self.voice}
        return {
            "work": self.work,
            "medium": self.medium,
            "licensee": self.licensee,
            "licensee_name": self.licensee_name,
            "licenses": [vars(x) for x in self.licenses],
            "contributions": [vars(x) for x in self.contributions],
            "engine": self.engine,
            "learned_from": self.learned_from,
            "exact": self.exact,
            "method": self.method,
            **{name: value for name, value in more.items() if value},
        }

    @classmethod
    def of_own(cls, work: str, medium: str, *, owner: tuple[str, str], creator: str, title: str, sha256: str) -> Claim:
        """A creator's own work. `owner`: person id and name. `sha256`: of the samples as the creator brought them."""
        return cls(
            work=work,
            medium=medium,
            licensee=owner[0],
            licensee_name=owner[1],
            licenses=(),
            contributions=(Contribution(work, sha256, title, creator, WHOLE),),
            engine="none 0",
            learned_from="nothing: its creator brought it as it is",
            exact=True,
            method="its creator's own work, whole",
        )

    @classmethod
    def read(cls, document: dict[str, Any]) -> Claim:
        """The claim that `document()` wrote."""
        return cls(
            **{
                **document,
                "licenses": tuple(Licensed(**x) for x in document["licenses"]),
                "contributions": tuple(Contribution(**x) for x in document["contributions"]),
            }
        )
