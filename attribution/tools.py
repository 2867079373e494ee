"""What works are sealed and asked about with: the certificates that sign, and the secrets that mark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attribution.chain import Chain
from attribution.marks.secrets import Secrets
from core.clock import SYSTEM, Clock


@dataclass(frozen=True, eq=False)
class Tools:
    """A house's own; both are made when first used to seal, and never by asking."""

    chain: Chain
    secrets: Secrets

    @classmethod
    def within(cls, folder: Path, *, clock: Clock = SYSTEM) -> Tools:
        """Those kept in a folder."""
        return cls(Chain(folder / "chain", clock=clock), Secrets(folder / "marks"))
