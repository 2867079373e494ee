"""Made-up houses: licenses in every state, works of every kind, what is the same as what; and their snapshots."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from attribution.claim import Claim, Contribution, Licensed
from attribution.models import RecordedClaim
from core import ids
from core.shares import WHOLE, quantize
from core.signatures import SNAPSHOT, Signer
from licensing import policy
from licensing.snapshots import gathering, writing
from licensing.snapshots.answers import WHY
from licensing.snapshots.gathering import Granted
from licensing.snapshots.kit import Kit
from licensing.snapshots.layout import STATES, STYLES, Header
from licensing.terms import Terms
from licensing.verdicts import Ground, Grounds
from tests.licensing.examples import terms

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUSE = "https://house.example"
TRUST = '{"leaves":[],"roots":""}'


def made(kind: str, number: int) -> str:
    """An id of this kind, the later the higher the number."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    tail = hashlib.sha256(f"{kind}{number}".encode()).digest()
    return ids.check(f"{kind}_01k{number:07d}" + "".join(digits[byte & 31] for byte in tail[:16]), kind)


def sha256(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


@dataclass
class World:
    """What a house knows. `samples`: of each work, and of originals; equal ones look the same."""

    licenses: dict[str, Granted] = field(default_factory=dict)
    terms: dict[str, Terms] = field(default_factory=dict)
    claims: dict[str, RecordedClaim] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)

    def grant(self, said: Terms, licensor: int, state: str = "active", style: str = "listed") -> str:
        id = made("lic", len(self.licenses))
        self.terms[said.hash] = said
        self.licenses[id] = Granted(id, made("cre", licensor), said.hash, state, style)
        return id

    def add(self, licenses: Sequence[str], *, look: int, medium: str = "picture", settled: bool = True) -> str:
        """A work that rests on these licenses; on none it is a creator's own."""
        work = made("wrk", len(self.claims))
        given = [self.licenses[id] for id in licenses]
        licensed = tuple(Licensed(x.id, made("sty", n), x.licensor, "Ada", x.terms) for n, x in enumerate(given))
        shares = quantize(dict(enumerate([3 + look, *range(1, 2 * len(given))])))
        parts = []
        for n, share in shares.items():
            of = licensed[n % len(licensed)] if licensed else None
            asset = f"{work} {n}"
            self.styles[asset] = of.style if of is not None and settled else made("sty", 99)
            parts.append(Contribution(asset, "", "A field", of.licensor if of else made("cre", 7), share))
        claim = Claim(
            work, medium, made("per", 1), "Bob", licensed, tuple(parts), "toy 1", "nothing", exact=True, method=""
        )
        assert sum(part.share for part in parts) == WHOLE
        self.claims[work] = RecordedClaim(
            work=work,
            document=claim.document(),
            licenses=sorted(licenses),
            file_sha256=sha256(f"file {work}"),
            recorded_at=NOW,
        )
        self.samples[work] = sha256(f"look {look}")
        return work

    def withdraw(self, work: str, days: int) -> None:
        row = self.claims[work]
        row.withdrawn_at, row.withdrawn_reason = NOW - timedelta(days=days), WHY

    def change(self, license: str, state: str, style: str) -> None:
        self.licenses[license] = replace(self.licenses[license], state=state, style=style)

    @property
    def grounds(self) -> Grounds:
        """As `licensing.grounds` would find them."""
        found = {
            x.id: Ground(x.id, self.terms[x.terms], x.terms, policy.standing(x.id, state=x.state, style=x.style))
            for x in self.licenses.values()
        }
        return Grounds(licenses=found, styles=self.styles)

    def write(self, path: Path, signer: Signer, *, at: datetime = NOW, since: Kit | None = None) -> Header:
        with self.database():
            return writing.write(
                path,
                lambda: nullcontext(mock.sentinel.session),
                signer=signer,
                house=HOUSE,
                trust=TRUST,
                at=at,
                since=since,
            )

    @contextmanager
    def database(self) -> Iterator[None]:
        """What `gathering` reads, a row at a time."""
        works = [(id, row.withdrawn_at) for id, row in sorted(self.claims.items())]
        originals = sorted((id, look) for id, look in self.samples.items() if id.startswith("ast"))
        licenses = [(id, row) for id, row in sorted(self.licenses.items())]

        def page(rows: Sequence[tuple[Any, ...]], after: str) -> list[Any]:
            return [row for row in rows if row[0] > after][:1]

        def described(_: object, *, ids: Sequence[str]) -> list[gathering.Work]:
            return [self._work(id) for id in ids]

        with mock.patch.multiple(
            gathering,
            works=lambda _, after: page(works, after),
            originals=lambda _, after: page(originals, after),
            licenses=lambda _, after: [row for _, row in page(licenses, after)],
            terms_of=lambda _, hashes: {one: self.terms[one] for one in hashes},
            described=described,
        ):
            yield

    def _work(self, id: str) -> gathering.Work:
        row = self.claims[id]
        return gathering.work_of(
            Claim.read(row.document),
            styles=self.styles,
            file=row.file_sha256,
            withdrawn_at=row.withdrawn_at,
            samples=self.samples.get(id),
        )


def nobody() -> AbstractContextManager[Session]:
    """A unit of work in which nothing is asked."""
    return nullcontext(mock.sentinel.session)


def signer(folder: Path) -> Signer:
    return Signer(folder / "keys", typ=SNAPSHOT)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Some licenses and works; few looks, so that some are the same."""
    world = World()
    for _ in range(draw(st.integers(1, 4))):
        state, style = draw(st.sampled_from(STATES)), draw(st.sampled_from(STYLES))
        world.grant(
            draw(terms()), draw(st.integers(0, 2)), *draw(st.just(("active", "listed")) | st.just((state, style)))
        )
    grow(draw, world, draw(st.integers(1, 5)))
    return world


def grow(draw: st.DrawFn, world: World, works: int) -> None:
    given = sorted(world.licenses)
    for _ in range(works):
        medium = draw(st.sampled_from(("picture", "sound")))
        on = draw(st.lists(st.sampled_from(given), max_size=3, unique=True))
        work = world.add(on, look=draw(st.integers(0, 3)), medium=medium, settled=draw(st.integers(0, 5)) > 0)
        if draw(st.integers(0, 3)) == 0:
            world.withdraw(work, draw(st.integers(0, 400)))
    for look in draw(st.sets(st.integers(0, 5), max_size=2)):
        world.samples[made("ast", look)] = sha256(f"look {look}")
