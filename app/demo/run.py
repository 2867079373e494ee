"""The main job: a photograph and a sung line become licensed works, their fees are split, a platform is answered."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands import platform, show
from app.demo import cast, ordering, sheets, song
from app.house import House
from core import db, decode, encode
from core.media import Picture
from core.money import USD, Money
from generation import quotes, starters
from generation.models import Work
from generation.orders import Order
from licensing.models import Offer
from payments import income, ledger

SIZE = 768
SEED = 5
INCOME = Money.parse("12.34")


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
        offered = {artist.name: cast.engage(house, artist, report=bar) for artist in cast.ARTISTS}
    made = _make(house, offered[cast.PAINTER])
    _leave_files(house, made, folder)
    receipt = _receipt(house, made, folder)
    _print(house, made, receipt, folder)
    _income(house, made)
    _questions(house, made, folder)
    song.sing(house, offered[cast.SINGER], folder)
    return folder


def _make(house: House, offer: Offer) -> Made:
    """A fan's photograph in the first artist's style."""
    path, credit = starters.path("china"), starters.find("china").credit
    content = decode.picture(path)
    fan = cast.fan(house, credit=cast.PRICE)
    order = Order(
        person=fan.id,
        offers=((offer.id, 1),),
        engine="patchwork",
        params={"size": SIZE},
        seed=SEED,
        source_blob=house.blobs.put(house.keys.seal(fan.id, encode.png(content))),
        source_sha256=content.sha256,
        idempotency_key=f"demo:{uuid.uuid4()}",
    )
    show.out(f"\nphotograph   {path.name} ({credit})")
    show.out(f"offer        {offer.id}, {cast.PRICE} a work, 50 % of what it earns later goes to the fan")
    ended = ordering.made(house, order)
    assert ended.result_blob is not None
    picture = decode.picture_of(house.blobs.get(ended.result_blob))
    return Made(ended, picture, content, credit)


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
    split = ordering.fee(house, made.work)
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
    (folder / "receipt.json").write_text(json.dumps(receipt, indent=2, ensure_ascii=False) + "\n")
    return receipt


def _print(house: House, made: Made, receipt: dict[str, Any], folder: Path) -> None:
    show.out(f"\nreceipt      {receipt['work']}")
    ordering.tell_fee(house, made.work)
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
