"""A whole small house for tests of this floor: an artist with an offer, a fan with credit, a toy engine, a workshop."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import func, select

from attribution.tools import Tools
from core import clock, db, encode, encode_sound
from core.blobs import LocalBlobs
from core.keys import FileKeystore
from core.media import Media, Picture, Sound
from core.money import Money
from creators.models import Person, Style
from generation import orders, works
from generation.catalog import Catalog
from generation.models import Work
from generation.orders import Order
from generation.works import Claimed
from generation.workshop import Workshop
from licensing import offers
from licensing.models import License, Offer
from payments import checkout, ledger
from payments.entries import FeePolicy
from payments.models import Entry, Posting
from payments.processors.rehearsal import RehearsalProcessor
from tests.creators.studio import AT, Studio, person
from tests.fakes import Toy, texture
from tests.licensing.examples import TERMS

PRICE = Money.parse("5.00")
LEASE = timedelta(seconds=2)
POLICY = FeePolicy()


@dataclass(frozen=True)
class World:
    """Ports and people; every test has its own."""

    root: Path
    sessions: db.Sessions

    @cached_property
    def studio(self) -> Studio:
        return Studio(self.root)

    @cached_property
    def blobs(self) -> LocalBlobs:
        return self.studio.blobs

    @cached_property
    def keys(self) -> FileKeystore:
        return self.studio.keys

    @cached_property
    def tools(self) -> Tools:
        return Tools.within(self.root, clock=self.clock)

    @cached_property
    def catalog(self) -> Catalog:
        catalog = Catalog(())
        catalog.add("toy", Toy())
        return catalog

    @cached_property
    def clock(self) -> clock.Clock:
        return clock.FrozenClock(AT + timedelta(hours=1))

    @cached_property
    def workshop(self) -> Workshop:
        return Workshop(
            sessions=self.sessions,
            blobs=self.blobs,
            keys=self.keys,
            catalog=self.catalog,
            tools=self.tools,
            clock=self.clock,
            lease=LEASE,
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def artist(self, name: str = "Ada Marsh", *, seed: int = 1, work: Media | None = None, **changes: object) -> Offer:
        """A new creator's open offer for a listed style with one work in it."""
        with db.unit(self.sessions) as session:
            style = self.studio.listed(session, name=name, seed=seed, work=work)
            free = {"cap": None, "max_copy_ppm": 1_000_000, "medium": style.medium}
            offered = replace(TERMS, **{**free, **changes})  # type: ignore[arg-type]
            return offers.publish(session, style=style.id, creator=style.creator, terms=offered, at=AT)

    def fan(self, name: str = "Bob Reed", *, credit: str = "20.00") -> Person:
        with db.unit(self.sessions) as session:
            fan = person(session, name)
        if Money.parse(credit).amount:
            paid, key = Money.parse(credit), str(uuid.uuid4())
            checkout.rehearse_top_up(
                self.sessions, RehearsalProcessor(), person=fan.id, amount=paid, key=key, clock=self.clock
            )
        return fan

    def photo(self, fan: Person, seed: int = 50) -> tuple[str, Picture]:
        """The blob of a fan's encrypted upload, and the picture itself."""
        picture = texture(seed, height=96, width=128)
        return self.blobs.put(self.keys.seal(fan.id, encode.png(picture))), picture

    def order(self, fan: Person, *offered: Offer, **changes: object) -> Order:
        blob, picture = self.photo(fan)
        order = Order(
            person=fan.id,
            offers=tuple((offer.id, 1) for offer in offered),
            engine="toy",
            params={},
            seed=3,
            source_blob=blob,
            source_sha256=picture.sha256,
            idempotency_key=str(uuid.uuid4()),
        )
        return replace(order, **changes)  # type: ignore[arg-type]

    def place(self, order: Order) -> Work:
        with db.unit(self.sessions) as session:
            return orders.place(session, order=order, catalog=self.catalog, policy=POLICY, at=self.now)

    def vocal(self, fan: Person, sound: Sound) -> tuple[str, Sound]:
        """The blob of a fan's encrypted recording, and the recording itself."""
        kept = encode_sound.kept(sound)
        return self.blobs.put(self.keys.seal(fan.id, encode_sound.encoded(kept, "flac"))), kept

    def song(self, fan: Person, sound: Sound, *offered: Offer, **changes: object) -> Order:
        """An order of `chorale`."""
        blob, kept = self.vocal(fan, sound)
        sung = {"engine": "chorale", "source_blob": blob, "source_sha256": kept.sha256, "source_medium": "sound"}
        return self.order(fan, *offered, **{**sung, **changes})

    def claim(self, *, lease: timedelta = LEASE, limit: int = 1, engine: str = "toy") -> list[Claimed]:
        with db.unit(self.sessions) as session:
            return works.claim(session, engine=engine, worker="test", lease=lease, limit=limit)

    def make_all(self, *, engine: str = "toy") -> list[str]:
        """Claim and make whatever is queued; how each ended."""
        ended = []
        while held := self.claim(engine=engine):
            ended += [self.workshop.make(one) for one in held]
        return ended

    def work(self, id: str) -> Work:
        with self.sessions() as session:
            return session.get_one(Work, id)

    def balance(self, account: str) -> int:
        with self.sessions() as session:
            return ledger.balance(session, account).amount

    def entry_kinds(self, work: str) -> list[str]:
        """The kinds of entries about a work, in the order they were posted."""
        with self.sessions() as session:
            return list(session.scalars(select(Entry.kind).where(Entry.work == work).order_by(Entry.seq)))

    def license_of(self, work: str) -> License:
        with self.sessions() as session:
            return session.get_one(License, session.get_one(Work, work).grants[0].license)

    def style_of(self, offer: Offer) -> Style:
        with self.sessions() as session:
            return session.get_one(Style, offer.style)

    def assert_books_balance(self) -> None:
        """Postings sum to zero, and every ended work's hold is empty."""
        with self.sessions() as session:
            assert session.scalar(select(func.coalesce(func.sum(Posting.amount), 0))) == 0
            for work in session.scalars(select(Work)):
                held = ledger.balance(session, f"hold:{work.id}").amount
                assert held == (work.price if work.state in ("queued", "running") else 0), work.state
