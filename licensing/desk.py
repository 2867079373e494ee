"""Where questions about files are answered: looked at, composed, signed. Nothing is written, and no file is kept."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import structlog

from attribution import named, verify
from attribution.evidence import Finding
from attribution.named import Name
from attribution.recovery import FURTHER_COSTS, NEAR_COPIES
from attribution.tools import Tools
from attribution.verify import Looking, Seen
from core import db, decode
from core.clock import Clock
from core.limits import Hourly, Meter, Turns
from core.networks import Network
from core.signatures import Signer
from licensing import grounds, signed, verdicts
from licensing.questions import Asked
from licensing.verdicts import Verdict

FILE_COSTS = 10  # units of the caller's minute; everything else here costs one
FETCH_SECONDS = 20.0  # for a file at an address
log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    """A verdict, and the same signed (a compact JWS). `at`: when it was looked up; what came later it does not know."""

    verdict: Verdict
    signed: str
    at: dt.datetime


@dataclass(frozen=True)
class Desk:
    """Answers questions. No transaction is open while a file is fetched or decoded, or its mark read.

    `all_of_it`: who asks may see every figure.
    """

    sessions: db.Sessions
    tools: Tools
    turns: Turns
    downloading: Turns
    clock: Clock
    meter: Meter
    near_copies: Hourly
    network: Network
    signer: Signer
    issuer: str
    all_of_it: bool

    def answer(self, asked: Asked, *, file: Path | None = None) -> Answer:
        """`file`: an upload that is asked about, where it lies.

        Raises TooManyRequests, AllBusy, Undecodable, TooLarge, BadQuestion, and what `core.fetching.download` does.
        """
        if asked.name is not None:
            return self.named([asked])[0]
        self.meter.costs(FILE_COSTS * (2 if asked.closer else 1))
        with self._file(asked, file) as (path, name), self.turns.turn():
            seen = Looking(path, chain=self.tools.chain, name=name).result()
            verdict, at = self._looked_up(asked, seen)
        return self._told(self._shown(verdict, seen), asked, seen, at=at)

    @property
    def gathers(self) -> bool:
        """Whether its questions by name may be answered together with those of other such desks."""
        return not self.all_of_it

    def noted_at(self) -> dt.datetime:
        """When something is noted for a while that is asked here."""
        return self.clock.now()

    def named(self, questions: Sequence[Asked]) -> list[Answer]:
        """Those that are asked by name, all together in a handful of queries."""
        names = [asked.name for asked in questions if asked.name is not None]
        at = self.clock.now()  # before anything is read: no verdict is dated after a revocation that it does not know
        with db.unit(self.sessions) as session:
            findings = named.found(session, names)
            facts = grounds.of(session, findings)
        composed = [verdicts.compose(x, facts, **y.about, at=at) for x, y in zip(findings, questions, strict=True)]
        return [self._told(self._rough(x), y, None, at=at) for x, y in zip(composed, questions, strict=True)]

    @contextmanager
    def _file(self, asked: Asked, file: Path | None) -> Iterator[tuple[Path, str]]:
        """Where the file lies, and what to call it; before its turn, so that a slow address holds up nobody else's."""
        if file is not None:
            yield file, "the upload"
            return
        with tempfile.NamedTemporaryFile(prefix="homage-") as copy:
            if asked.file is not None:
                shutil.copyfileobj(asked.file.file, copy)
            else:
                self._fetch(asked.url or "", copy)  # type: ignore[arg-type]  # a temporary file is one
            copy.flush()
            yield Path(copy.name), (asked.file.filename if asked.file is not None else asked.url) or "the file"

    def _fetch(self, url: str, into: BinaryIO) -> None:
        from core import fetching

        with self.downloading.turn():
            fetching.download(url, into, most=decode.DEFAULT.bytes, seconds=FETCH_SECONDS, network=self.network)

    def _looked_up(self, asked: Asked, seen: Seen) -> tuple[Verdict, dt.datetime]:
        """The verdict, and when its licenses began to be read: they tell of all that was revoked until then."""
        units = partial(db.unit, self.sessions)
        finding: Finding = verify.identify(units, seen, tools=self.tools, closer=asked.closer)
        at = self.clock.now()
        with units() as session:
            return grounds.answer(session, finding, **asked.about, at=at), at

    def _shown(self, verdict: Verdict, seen: Seen) -> Verdict:
        if not self.all_of_it and self._too_often(verdict, seen):
            return verdicts.coarsest(verdict)
        return self._rough(verdict)

    def _rough(self, verdict: Verdict) -> Verdict:
        return verdict if self.all_of_it else verdicts.coarse(verdict)

    def _too_often(self, verdict: Verdict, seen: Seen) -> bool:
        """Whether this is one more of many changed copies of a work: so a file is changed until nobody knows it."""
        if verdict.work is None or not verdict.changed:
            return False
        count = self.near_copies.count(verdict.work, seen.sha256)
        if count <= NEAR_COPIES:
            return False
        log.warning("many changed copies of a work are asked about", work=verdict.work, count=count)
        self.meter.costs(FURTHER_COSTS)
        return True

    def _told(self, verdict: Verdict, asked: Asked, seen: Seen | None, *, at: dt.datetime) -> Answer:
        said = signed.payload(
            verdict, subject=_subject(asked, asked.name, seen), issuer=self.issuer, at=at, nonce=asked.nonce
        )
        return Answer(verdict, self.signer.sign(said, at=at), at)


def _subject(asked: Asked, name: Name | None, seen: Seen | None) -> dict[str, str]:
    """What the verdict is about: what was named, or the hash of the file that was seen."""
    if name is not None:
        return {"by": name.kind, name.kind: name.value}
    assert seen is not None
    place = {"url": asked.url} if asked.url is not None else {}
    return {"by": asked.by, "sha256": seen.sha256, **place}
