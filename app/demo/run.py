"""The main job: a photograph becomes a licensed work, its fee is split to the last unit, a platform is answered."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands import platform, show
from app.demo import cast, sheets
from app.house import House
from app.worker import Worker
from core import db, decode, encode, progress
from core.errors import HomageError
from core.media import Picture
from core.money import USD, Money
from generation import orders, quotes, starters, works
from generation.models import Work
from generation.orders import Order
from licensing.models import Offer
from payments import income, ledger

SIZE = 768
SEED = 5
INCOME = Money.parse("12.34")


class DemoFailed(HomageError):
    """The main job did not end as it must."""


@dataclass(frozen=True)
class Made:
    """A finished demo work and what belongs to it."""

    work: Work
    picture: Picture
    content: Picture
    credit: str


def main_job(house: House) -> Path:
    """Run the whole path once; leaves everything under `var/demo` and prints it for people."""
    folder = house.settings.var / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    show.note("NOTE: rehearsal payments and a local signing chain: no real money moves, no public certificate signs.")
    with show.progress("artists") as bar:
        offered = [cast.engage(house, artist, report=bar) for artist in cast.ARTISTS]
    made = _make(house, offered[0])
    _leave_files(house, made, folder)
    receipt = _receipt(house, made, folder)
    _print(made, receipt, folder)
    _income(house, made)
    _questions(house, made, folder)
    return folder


def _make(house: House, offer: Offer) -> Made:
    """Order as a fan does and follow the worker's progress as a page would."""
    path, credit = starters.path("china"), starters.find("china").credit
    content = decode.picture(path)
    fan = cast.fan(house, credit=cast.PRICE)
    blob = house.blobs.put(house.keys.seal(fan.id, encode.png(content)))
    order = Order(
        person=fan.id,
        offers=((offer.id, 1),),
        engine="patchwork",
        params={"size": SIZE},
        seed=SEED,
        source_blob=blob,
        source_sha256=content.sha256,
        idempotency_key=f"demo:{uuid.uuid4()}",
    )
    show.out(f"\nphotograph   {path.name} ({credit})")
    show.out(f"offer        {offer.id}, {cast.PRICE} a work, 50 % of what it earns later goes to the fan")
    hub = progress.Hub(house.conninfo).start()
    stop = threading.Event()
    crew = threading.Thread(target=Worker(house).run, args=(stop,), name="worker")
    try:
        with hub.reader(progress.CHANNEL) as events, show.progress("rendering") as bar:
            with db.unit(house.sessions) as session:
                work = orders.place(
                    session, order=order, catalog=house.catalog, policy=house.policy, at=house.clock.now()
                )
            crew.start()
            ended = _follow(house, work.id, fan.id, events, bar)
    finally:
        stop.set()
        crew.join()
        hub.stop()
    if ended.state != "done" or ended.result_blob is None:
        raise DemoFailed(f"the demo's work ended as {ended.state}: {ended.reason}")
    picture = decode.picture_of(house.blobs.get(ended.result_blob))
    return Made(ended, picture, content, credit)


def _follow(house: House, work: str, person: str, events: Any, bar: show.Bar) -> Work:
    """Wait for the end; the row holds the last state, so a missed event costs a second, not the answer."""
    import queue

    while True:
        try:
            event = events.get(timeout=1.0)
            if event["work"] == work:
                bar(event["step"], event["of"], event["stage"])
        except queue.Empty:
            pass
        with db.unit(house.sessions) as session:
            row = works.get(session, work=work, person=person)
        if row.state in ("done", "failed", "cancelled"):
            return row


def _leave_files(house: House, made: Made, folder: Path) -> None:
    """The work as sealed, its map as data and as a picture, and the before-and-after sheet."""
    data = house.blobs.get(str(made.work.result_blob))
    map = house.blobs.get(str(made.work.map_blob))
    (folder / "work.png").write_bytes(data)
    (folder / "map.npz").write_bytes(map)
    half = encode.resize(made.picture, max(made.picture.width, made.picture.height) // 2)
    (folder / "work-half-size.jpg").write_bytes(encode.jpeg(half, quality=60))
    with db.unit(house.sessions) as session:
        legend = sheets.legend(session, work=made.work, blobs=house.blobs, keys=house.keys)
    field = house.catalog.get(made.work.engine).field(map, [asset.id for asset in legend])
    (folder / "map.png").write_bytes(encode.png(sheets.provenance_map(field, legend, over=made.picture)))
    thumbnails = [asset.thumbnail for asset in legend]
    sheet = sheets.before_after(made.content, made.picture, credit=made.credit, style=thumbnails)
    (folder / "before-after.png").write_bytes(encode.png(sheet))


def _receipt(house: House, made: Made, folder: Path) -> dict[str, Any]:
    """Who got what of the price, and what a platform is told; the lines sum to the price."""
    with db.unit(house.sessions) as session:
        split = ledger.split_of(session, work=made.work.id, kind="fee")
    verdict = platform.ask(house, folder / "work.png", use="publish", medium="picture", territory="DE")
    receipt = {
        "work": made.work.id,
        "price": {"amount": made.work.price, "asset": made.work.asset},
        "lines": [{"to": to, "role": quotes.role_of(to), "amount": amount} for to, amount in split],
        "verdict": verdict.document(),
        "files": {
            "work": "work.png",
            "map": "map.npz",
            "map_picture": "map.png",
            "before_after": "before-after.png",
            "half_size_jpeg": "work-half-size.jpg",
        },
    }
    if sum(amount for _, amount in split) != made.work.price:
        raise DemoFailed("the receipt's lines do not sum to the price; run homage audit")
    (folder / "receipt.json").write_text(json.dumps(receipt, indent=2, ensure_ascii=False) + "\n")
    return receipt


def _print(made: Made, receipt: dict[str, Any], folder: Path) -> None:
    show.out(f"\nreceipt      {receipt['work']}")
    for line in receipt["lines"]:
        show.out(f"  {Money(line['amount'], made.work.asset)!s:>14}  {line['role']:<10} {line['to']}")
    show.out(f"  {Money(made.work.price, made.work.asset)!s:>14}  price")
    show.out(f"\nfiles        {folder}")
    for name in receipt["files"].values():
        show.out(f"  {name}")


def _income(house: House, made: Made) -> None:
    """Later the finished work earns something: that is another kind of revenue, and the fan has a share in it."""
    with db.unit(house.sessions) as session:
        income.report(session, work=made.work.id, amount=INCOME, reference=f"demo:{made.work.id}", at=house.clock.now())
        split = ledger.split_of(session, work=made.work.id, kind="exploitation")
    show.out(f"\nincome       {INCOME} reported for the finished work, split between creators and fan")
    for to, amount in split:
        show.out(f"  {Money(amount, USD)!s:>14}  {quotes.role_of(to):<10} {to}")
    creator = next(to for to, _ in split if to.startswith("creator:")).partition(":")[2]
    show.out(f"  the artist's statement: .venv/bin/homage statement {creator}")


def _questions(house: House, made: Made, folder: Path) -> None:
    """What a platform would ask: the work, a small re-saved copy, and the photograph itself."""
    photo = starters.path("china")
    for path, words in (
        (folder / "work.png", "the work itself"),
        (folder / "work-half-size.jpg", "a copy at half size, JPEG quality 60"),
        (photo, "the photograph it was made from"),
    ):
        show.out(f"\nverify       {path.name}: {words}")
        platform.tell(platform.ask(house, path))
