"""How sure a texture's agreement makes us, from measured strangers; a raw score is never shown as a confidence."""

from __future__ import annotations

import math

from attribution.texture import Agreement

OURS = 0.01  # share of asked pictures that are copies of anything registered, before looking
MOST = 0.995  # no more than the number of strangers compared can bear out


def of(agreement: Agreement, *, explained: bool) -> float | None:
    """Confidence 0 to 1 that two pictures are the same, or None below what is a match at all.

    `explained`: the photograph's own texture had been taken out, so that a shared photograph weighs nothing.
    """
    least, tail = (0.7, 0.04) if explained else (0.85, 0.02)
    if agreement.score < least:
        return None
    false = 0.05 * math.exp(-(agreement.score - least) / tail)
    return min(MOST, OURS / (OURS + (1 - OURS) * false))
