"""What a creator leaves out of a work reaches the engine, and what was learned before is learned again."""

from __future__ import annotations

from collections.abc import Sequence

from core import db
from creators import assets
from creators.models import Style
from generation.engine import Asset, Report, silent
from generation.preparations import Store
from tests.creators.studio import AT
from tests.fakes import Toy
from tests.generation.world import World


class Listening(Toy):
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[Asset] = []

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        self.given += assets
        return super().prepare(assets, report=report)


def test_areas_that_are_left_out_reach_the_engine_and_change_what_is_kept(world: World) -> None:
    offer, engine = world.artist(), Listening()
    store = Store(world.sessions, world.blobs, world.keys)

    def prepare() -> None:
        store.prepared(style=offer.style, engine=engine, at=AT, report=silent)

    prepare()
    prepare()
    assert [asset.left_out for asset in engine.given] == [()]
    with db.unit(world.sessions) as session:
        creator = session.get_one(Style, offer.style).creator
        (row,) = assets.live(session, style=offer.style)
        assets.leave_out(session, asset=row.id, creator=creator, outside=[[0, 0, 100_000, 1_000_000]])
    prepare()
    prepare()
    assert [asset.left_out for asset in engine.given] == [(), ((0, 0, 100_000, 1_000_000),)]
