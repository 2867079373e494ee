"""Pure: what a work owes of what it earns, and to whom, by the terms each of its licenses was granted under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.claim import Claim, Licensed
from core.errors import Conflict
from core.shares import WHOLE, quantize


class NoTermsFor(Conflict):
    """A part of the work rests on no license that we know."""


@dataclass(frozen=True)
class Part:
    """What a work owes to one license: its measured share of the work, and its terms' royalty and fan's part.

    licensor: whom the license is from, a creator's id or account. All numbers in millionths.
    """

    licensor: str
    share: int
    royalty_ppm: int
    fan_ppm: int


@dataclass(frozen=True)
class Division:
    """Of all that a work earns: the platform's and the fan's millionths; of what is left, each licensor's."""

    platform_ppm: int
    fan_ppm: int
    licensors: tuple[tuple[str, int], ...]

    @property
    def creators_ppm(self) -> int:
        return WHOLE - self.platform_ppm - self.fan_ppm

    def document(self) -> dict[str, Any]:
        """As it is told on the wire."""
        return {
            "platform_ppm": self.platform_ppm,
            "fan_ppm": self.fan_ppm,
            "creators_ppm": self.creators_ppm,
            "licensors": [{"creator": creator, "share": share} for creator, share in self.licensors],
        }


def divided(parts: Sequence[Part]) -> Division:
    """How what a work earns is divided where it rests on several licenses, each with terms of its own.

    Each license's terms rule the part of the work that was measured from it: of its share s, its licensor has
    s × royalty, the fan s × fan_ppm, the platform what is left; the like are added up and rounded to millionths once,
    by largest remainder. One license alone gives exactly its terms; the order of licenses does not matter. The shares
    of `parts` sum to 1,000,000, or ValueError.
    """
    if sum(part.share for part in parts) != WHOLE:
        raise ValueError(f"the parts of a work sum to {WHOLE:,} millionths")
    owed: dict[str, int] = {}
    for part in parts:
        owed[part.licensor] = owed.get(part.licensor, 0) + part.share * part.royalty_ppm
    fans = sum(part.share * part.fan_ppm for part in parts)
    creators = sum(owed.values())
    whole = quantize({"creators": creators, "fan": fans, "platform": WHOLE * WHOLE - creators - fans})
    if not creators:  # they have nothing, but a division ends with someone: whoever the work is from
        for part in parts:
            owed[part.licensor] += part.share
    shares = quantize(dict(sorted(owed.items())))
    return Division(whole["platform"], whole["fan"], tuple(shares.items()))


def by_license(claim: Claim, *, styles: Mapping[str, str]) -> dict[str, int]:
    """Each license's measured share of a claimed work, in millionths. `styles`: of assets, by id.

    Raises NoTermsFor.
    """
    shares = dict.fromkeys((x.license for x in claim.licenses), 0)
    for contribution in claim.contributions:
        shares[_license(claim, contribution.licensor, styles.get(contribution.asset)).license] += contribution.share
    return shares


def ambiguous(claim: Claim) -> list[str]:
    """The assets of whose licensors the claim has several licenses: only an asset's style tells which it rests on."""
    given = [x.licensor for x in claim.licenses]
    return [x.asset for x in claim.contributions if given.count(x.licensor) > 1]


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
