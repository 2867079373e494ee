"""What works are sealed and asked about with: the certificates that sign, and the secrets that mark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attribution.chain import Chain
from attribution.marks.secrets import Secrets


@dataclass(frozen=True, eq=False)
class Tools:
    """A house's own; both are made when first used to seal, and never by asking."""

    chain: Chain
    secrets: Secrets

    @classmethod
    def within(cls, folder: Path) -> Tools:
        """Those kept in a folder."""
        return cls(Chain(folder / "chain"), Secrets(folder / "marks"))
