"""From a file that lost its manifest to the manifests that may have been its own: by its mark, code and fingerprint.

It answers coarsely, as every answer to anyone does: there are three scores, so that none can be climbed until the mark
in a file is gone. Those by a code are finer, which anyone computes without us.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from attribution import bindings, iscc, looks, marked, verify
from attribution.bindings import AssetUnknown, BadReference, Match
from attribution.definition import ISCC, MARKS
from attribution.evidence import Finding
from attribution.tools import Tools
from attribution.verify import Looking, Seen
from core import db
from core.decode import Undecodable
from core.limits import Hourly, Meter, Turns
from core.media import Picture
from core.networks import Network

NEAR_COPIES = 20  # of one work, asked about by file within an hour; one more is dear, and answered coarsely
FURTHER_COSTS = 50  # units, for each of those
SURE = 0.9  # from here on a copy is told as one
EXACT, COPY, UNSURE = 100, 90, 50  # the scores there are
NAMING: Final = frozenset({"proven", "recovered", "matched", "several", "contested", "hint"})
SECONDS = 30.0  # for a download
UNTOLD = "application/octet-stream"
log = structlog.get_logger()


@dataclass(frozen=True)
class Wanted:
    """What is looked for in a file. `alg`: one algorithm; all there are without it. `hint`: algorithm and value of a
    binding that somebody else found in it; one by an algorithm of others is none. `most`: matches."""

    alg: str | None
    hint: tuple[str, str] | None
    most: int


@dataclass(frozen=True)
class Address:
    """A file elsewhere. `most`: bytes that it may have; `media_type`: what it must be, unless None."""

    url: str
    most: int
    media_type: str | None


@dataclass(frozen=True)
class Recovery:
    """Where files are asked about, in turns. No transaction is open while one is decoded, or its mark read."""

    sessions: db.Sessions
    tools: Tools
    turns: Turns
    downloading: Turns
    network: Network
    meter: Meter
    near_copies: Hourly

    def by_address(self, address: Address, wanted: Wanted) -> list[Match]:
        """The manifests of what is in a file elsewhere, which is downloaded for it.

        Raises BadReference, NotFetchable, and what `by_file` does.
        """
        from core import fetching

        with tempfile.TemporaryDirectory(prefix="homage-") as folder:
            file = Path(folder) / "file"
            with self.downloading.turn(), file.open("wb") as copy:
                found = fetching.download(address.url, copy, most=address.most, seconds=SECONDS, network=self.network)
            said, asked = found.media_type or UNTOLD, (address.media_type or UNTOLD).partition(";")[0].strip().lower()
            if UNTOLD not in (said, asked) and said != asked:
                raise BadReference(f"what is there is {said[:80]}, and not {asked[:80]}; look at the address")
            return self.by_file(file, wanted)

    def by_file(self, file: Path, wanted: Wanted) -> list[Match]:
        """The manifests of what is in a file, the surest first.

        Raises AssetUnknown, UnknownAlgorithm, BadBinding, AllBusy, TooManyRequests, ChainUnusable, SecretUnusable.
        """
        if wanted.alg is not None:
            bindings.check(wanted.alg)
        found = self._hinted(wanted.hint, wanted.most)
        return bindings.best([*self._in_file(file, wanted.alg, wanted.most), *found], most=wanted.most)

    def _hinted(self, hint: tuple[str, str] | None, most: int) -> list[Match]:
        if hint is None or hint[0] not in bindings.KNOWN:
            return []
        with db.unit(self.sessions) as session:
            return bindings.by_binding(session, alg=hint[0], value=hint[1], most=most)

    def _in_file(self, file: Path, alg: str | None, most: int) -> list[Match]:
        with self.turns.turn():
            try:
                seen = Looking(file, chain=self.tools.chain, name="the file").result()
            except Undecodable as error:
                raise AssetUnknown(error.message) from error
            if alg == ISCC:
                return self._by_code(seen, most)
            if alg is not None:
                return self._by_mark(seen, alg)
            finding = verify.identify(partial(db.unit, self.sessions), seen, tools=self.tools, closer=False)
        scores = _scores(finding)
        if finding.changed:
            self._count(tuple(scores), seen)
        with db.unit(self.sessions) as session:
            return bindings.by_works(session, scores)

    def _by_code(self, seen: Seen, most: int) -> list[Match]:
        """By what anyone computes of the file: nothing is told that is not in the public code."""
        media = seen.media
        unit = iscc.unit(iscc.of_picture(media) if isinstance(media, Picture) else iscc.of_sound(media))
        with db.unit(self.sessions) as session:
            return bindings.by_units(session, [unit] if unit is not None else [], most=most)

    def _by_mark(self, seen: Seen, alg: str) -> list[Match]:
        """By the mark alone, which is read beside what the file looks like: so that old keys are tried as well."""
        medium = "picture" if isinstance(seen.media, Picture) else "sound"
        if MARKS[medium] != alg:
            return []
        blind = marked.begun(seen.media, tools=self.tools)
        with db.unit(self.sessions) as session:
            _, candidates = looks.of_media(session, seen.media, closer=False)
            known = marked.beside(session, candidates, tools=self.tools)
        read = marked.read(seen.media, known, blind)
        if read is None:
            return []
        self._count((str(read.number),), seen)
        with db.unit(self.sessions) as session:
            return bindings.by_number(session, read.number, medium=medium)

    def _count(self, works: Sequence[str], seen: Seen) -> None:
        """One more of many changed copies of a work is dear: so a file is changed until nobody knows it."""
        count = max((self.near_copies.count(work, seen.sha256) for work in works), default=0)
        if count > NEAR_COPIES:
            log.warning("many changed copies of a work are asked about", work=works[0], count=count)
            self.meter.costs(FURTHER_COSTS)


def _scores(finding: Finding) -> dict[str, int]:
    """The works that a file holds. What only resembles one, as all that is made of one photograph does, is none."""
    if finding.identification not in NAMING:
        return {}
    scores = dict.fromkeys(finding.others, UNSURE)
    if finding.work is not None:
        exact = finding.changed is False or any(one.layer == "samples" for one in finding.evidence)
        sure = finding.identification != "hint" and finding.confidence >= SURE
        scores[finding.work] = EXACT if exact else COPY if sure else UNSURE
    return scores
