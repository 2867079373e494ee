"""Making a claimed work: sealed and paid once, or released whole with a reason; money follows measured shares."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from attribution import verify
from core import db
from core.blobs import LocalBlobs
from core.decode import picture_of
from creators import assets
from generation import works
from generation.engine import Asset, silent
from generation.tasks import sweep_all
from generation.works import Claimed
from generation.workshop import Workshop
from licensing import grounds
from payments import ledger
from tests.fakes import Toy, texture, within
from tests.generation.world import PRICE, World


def split(world: World, work: str) -> dict[str, int]:
    with world.sessions() as session:
        return dict(ledger.split_of(session, work=work, kind="fee"))


def test_a_work_is_made_paid_sealed_and_verified(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    work = world.place(world.order(fan, offer))
    assert world.make_all() == ["done"]
    made = world.work(work.id)
    style = world.style_of(offer)
    assert split(world, work.id) == {
        "compute": 20_000,
        "platform": 747_000,
        f"creator:{style.creator}": 4_233_000,
    }
    file = world.root / "work.png"
    file.write_bytes(world.blobs.get(str(made.result_blob)))
    with world.sessions() as session:
        verdict = grounds.answer(session, verify.verify(within(session), file, tools=world.tools), at=world.now)
    assert (verdict.standing, verdict.work, verdict.licensee) == ("licensed", work.id, {"name": "Bob Reed"})
    assert sum(int(line["share"]) for line in verdict.shares) == 1_000_000
    world.assert_books_balance()


def test_replay_of_the_stored_map_gives_the_stored_work(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    work = world.place(world.order(fan, offer))
    world.make_all()
    made = world.work(work.id)
    with world.sessions() as session:
        rows = assets.live(session, style=offer.style)
    loaded = [Asset(row.id, assets.original(row, blobs=world.blobs, keys=world.keys)) for row in rows]
    toy = Toy()
    prepared = toy.prepare(loaded, report=silent)
    again = toy.replay(world.blobs.get(str(made.map_blob)), [prepared])
    assert again.sha256 == picture_of(world.blobs.get(str(made.result_blob))).sha256


def test_a_mix_pays_each_licensor_by_measured_share(world: World) -> None:
    one, other = world.artist("Ada Marsh", seed=1), world.artist("Ivo Brandt", seed=2)
    order = world.order(world.fan(), one, other)
    work = world.place(replace(order, offers=((one.id, 3), (other.id, 1))))
    assert world.make_all() == ["done"]
    paid = split(world, work.id)
    ada, ivo = (paid[f"creator:{world.style_of(offer).creator}"] for offer in (one, other))
    assert sum(paid.values()) == 2 * PRICE.amount
    assert (ada, ivo) == (6_362_250, 2_120_750)


def test_a_broken_engine_pays_everything_back_and_says_so(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist(), params={"breaks": True}))
    assert world.make_all() == ["failed"]
    assert "the engine failed (RuntimeError)" in str(world.work(work.id).reason)
    assert world.balance(f"credit:{fan.id}") == 20_000_000
    assert world.entry_kinds(work.id) == ["hold", "release"]


def test_a_work_that_copies_more_than_the_license_allows_is_not_released(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist(max_copy_ppm=10)))
    assert world.make_all() == ["failed"]
    assert "the license allows 0.00 %" in str(world.work(work.id).reason)
    assert world.balance(f"credit:{fan.id}") == 20_000_000


def test_the_engine_is_told_what_the_strictest_license_allows(world: World) -> None:
    seen = []

    class Watching(Toy):
        def render(self, requests: Any, *, report: Any) -> Any:
            seen.extend(request.max_copy for request in requests)
            return super().render(requests, report=report)

    world.catalog.add("toy", Watching())
    one, other = world.artist("Ada Marsh", seed=1), world.artist("Ivo Brandt", seed=2, max_copy_ppm=250_000)
    world.place(world.order(world.fan(), one, other))
    assert world.make_all() == ["done"]
    assert seen == [0.25]


def test_finishing_twice_records_one_claim_and_one_fee(world: World) -> None:
    finished: list[str] = []

    @dataclass(frozen=True)
    class Twice(Workshop):
        def _finish(self, held: Claimed, *rest: Any) -> None:
            super()._finish(held, *rest)
            super()._finish(held, *rest)
            finished.append(held.work)

    work = world.place(world.order(world.fan(), world.artist()))
    assert Twice(**vars(world.workshop)).make(world.claim()[0]) == "done"
    assert finished == [work.id]
    assert world.entry_kinds(work.id) == ["hold", "fee"]


def test_a_result_that_comes_too_late_is_dropped(world: World) -> None:
    fan = world.fan()

    @dataclass(frozen=True)
    class Late(Workshop):
        def _finish(self, held: Claimed, *rest: Any) -> None:
            with db.unit(self.sessions) as session:
                works.release(session, held=held, state="cancelled", reason="too late", at=self.clock.now())
            super()._finish(held, *rest)

    work = world.place(world.order(fan, world.artist()))
    assert Late(**vars(world.workshop)).make(world.claim()[0]) == "dropped"
    assert world.work(work.id).state == "cancelled"
    assert world.entry_kinds(work.id) == ["hold", "release"]


def test_a_damaged_upload_releases_the_work(world: World) -> None:
    fan = world.fan()
    blob = world.blobs.put(world.keys.seal(fan.id, b"no picture"))
    world.place(world.order(fan, world.artist(), source_blob=blob))
    assert world.make_all() == ["failed"]
    assert world.balance(f"credit:{fan.id}") == 20_000_000


def test_a_composed_work_needs_no_source(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist(), source_blob=None, source_sha256=None))
    assert world.make_all() == ["done"]
    assert world.work(work.id).facts["largest_copy_ppm"] > 0


def test_a_style_is_prepared_once(world: World) -> None:
    prepared = []

    class Counting(Toy):
        def prepare(self, assets: Any, *, report: Any) -> bytes:
            prepared.append(len(assets))
            return super().prepare(assets, report=report)

    world.catalog.add("toy", Counting())
    offer, fan = world.artist(), world.fan()
    for _ in range(2):
        world.place(world.order(fan, offer))
    assert world.make_all() == ["done", "done"]
    assert prepared == [1]


def test_a_stopping_worker_gives_its_work_back_within_a_step(world: World) -> None:
    params = {"steps": 200, "step_seconds": 0.02}
    work = world.place(world.order(world.fan(), world.artist(), params=params))
    assert world.workshop.make(world.claim()[0], stopping=lambda: True) == "queued"
    assert (world.work(work.id).state, world.entry_kinds(work.id)) == ("queued", ["hold"])


def test_a_work_whose_license_runs_out_meanwhile_is_not_released(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist(ends_on=dt.date(2026, 6, 1))))  # over by the database's clock
    assert world.claim() == []
    sweep_all(world.sessions, at=world.now)
    assert (world.work(work.id).state, world.entry_kinds(work.id)) == ("cancelled", ["hold", "release"])
    assert "is over" in str(world.work(work.id).reason)


def test_an_asset_retired_meanwhile_is_in_no_work(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    with db.unit(world.sessions) as session:
        second = world.studio.take(session, world.style_of(offer), texture(7), "Another field")

    @dataclass(frozen=True)
    class Late(Workshop):
        def _finish(self, held: Claimed, *rest: Any) -> None:
            with db.unit(self.sessions) as session:
                assets.retire(session, asset=first, creator=second.creator, at=self.clock.now())
            super()._finish(held, *rest)

    with world.sessions() as session:
        first = assets.live(session, style=offer.style)[0].id
    work = world.place(world.order(fan, offer))
    assert Late(**vars(world.workshop)).make(world.claim()[0]) == "queued"
    assert world.make_all() == ["done"]
    assert set(world.work(work.id).facts["shares"]) == {second.id}


def test_a_worker_that_cannot_reach_the_files_leaves_the_work_to_another(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist()))
    blind = replace(world.workshop, blobs=LocalBlobs(world.root / "elsewhere"))
    assert blind.make(world.claim()[0]) == "left"
    assert (world.work(work.id).state, world.entry_kinds(work.id)) == ("running", ["hold"])


def test_a_hold_reversed_by_hand_ends_the_work_and_pays_nothing_twice(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    with db.unit(world.sessions) as session:
        ledger.reverse(session, reference=f"work:{work.id}:hold", at=world.now)
    assert world.make_all() == ["failed"]
    assert world.entry_kinds(work.id) == ["hold", "hold-reversal"]
    assert world.balance(f"credit:{fan.id}") == 20_000_000
