"""Where a sandbox key's questions are answered: from samples, at the key's own time, signed as a sandbox's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from attribution.evidence import Finding
from core.clock import SYSTEM, Clock, FrozenClock
from licensing import signed, verdicts
from licensing.desk import Answer, Desk
from licensing.questions import Asked
from licensing.sandbox import pictures, samples

_ADDRESS = re.compile(r".*/v1/sandbox/samples/([a-z-]+)\.png")


@dataclass(frozen=True)
class SandboxDesk(Desk):
    """Reads and writes nothing of the house's. A file is known by its hash and never decoded; no address is fetched.

    `clock`: the key's; `house_clock`: the real one, by which keys sign.
    """

    house_clock: Clock = SYSTEM

    @classmethod
    def like(cls, desk: Desk, *, at: datetime | None) -> SandboxDesk:
        """The sandbox beside this desk, at this time, or now."""
        clock = desk.clock if at is None else FrozenClock(at)
        return cls(**{**vars(desk), "clock": clock}, house_clock=desk.clock)

    def noted_at(self) -> datetime:
        """By the real clock: what is noted at a far time would be kept until then."""
        return self.house_clock.now()

    @property
    def gathers(self) -> bool:
        """Each has a time of its own."""
        return False

    def answer(self, asked: Asked, *, file: Path | None = None) -> Answer:
        """As any desk's, by a sample's picture or the address that it has here."""
        if asked.name is not None:
            return self.named([asked])[0]
        at, sha256 = self.clock.now(), _hash(asked, file)
        said = {"by": asked.by, "sha256": sha256, "url": asked.url}
        subject = {name: value for name, value in said.items() if value is not None}
        return self._composed(asked, samples.by_file(sha256, at=at), subject, at)

    def named(self, questions: Sequence[Asked]) -> list[Answer]:
        """As any desk's, by a sample's number, mark or hash."""
        at = self.clock.now()
        return [
            self._composed(
                asked, samples.by_name(name.kind, name.value, at=at), {"by": name.kind, name.kind: name.value}, at
            )
            for asked in questions
            if (name := asked.name) is not None
        ]

    def _composed(self, asked: Asked, finding: Finding, subject: dict[str, str], at: datetime) -> Answer:
        verdict = verdicts.coarse(verdicts.compose(finding, samples.grounds(at), **asked.about, at=at))
        issuer = f"{self.issuer}/v1/sandbox"  # whoever looks for the house's own word, and at nothing else, finds none
        said = signed.payload(verdict, subject=subject, issuer=issuer, at=at, nonce=asked.nonce, sandbox=True)
        return Answer(verdict, self.signer.sign(said, at=self.house_clock.now()), at)


def _hash(asked: Asked, file: Path | None) -> str | None:
    """SHA-256 of what is asked about, in hex; None for an address that is no sample's."""
    if file is not None:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    if asked.file is not None:
        return hashlib.file_digest(asked.file.file, "sha256").hexdigest()  # type: ignore[arg-type]  # it reads
    found = _ADDRESS.fullmatch(urlsplit(asked.url or "").path)
    return pictures.sha256(found[1]) if found and found[1] in samples.SAMPLES else None
