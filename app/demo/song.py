"""The demo's song: a line sung by nobody comes out in a licensed voice, with its lane of sources and its receipt."""

from __future__ import annotations

import uuid
from pathlib import Path

from app.commands import platform, show
from app.demo import cast, lanes, ordering, sheets
from app.house import House
from core import db, decode_sound, encode, encode_sound
from generation import starters
from generation.orders import Order
from licensing.models import Offer

LINE = "line"


def sing(house: House, offer: Offer, folder: Path) -> None:
    """Order the line in this voice, leave what came of it in the folder, say who was paid, and ask as a platform."""
    content = encode_sound.kept(decode_sound.sound(starters.path(LINE)))
    fan = cast.fan(house, credit=cast.PRICE)
    order = Order(
        person=fan.id,
        offers=((offer.id, 1),),
        engine="chorale",
        params={},
        seed=0,
        source_blob=house.blobs.put(house.keys.seal(fan.id, encode_sound.encoded(content, "flac"))),
        source_sha256=content.sha256,
        source_medium="sound",
        idempotency_key=f"demo:{uuid.uuid4()}",
    )
    show.out(f"\nvocal        {starters.path(LINE).name} ({starters.find(LINE).credit})")
    show.out(f"offer        {offer.id}, the voice of {cast.SINGER}, {cast.PRICE} a work")
    work = ordering.made(house, order)
    data, map = house.blobs.get(str(work.result_blob)), house.blobs.get(str(work.map_blob))
    (folder / "song.flac").write_bytes(data)
    (folder / "song.map").write_bytes(map)
    with db.unit(house.sessions) as session:
        legend = sheets.legend(session, work=work, blobs=house.blobs, keys=house.keys)
    field = house.catalog.get(work.engine).field(map, [entry.id for entry in legend])
    lane = lanes.provenance_lane(field.reshape(-1), legend, over=encode_sound.decoded(data))
    (folder / "song-lane.png").write_bytes(encode.png(lane))
    show.out(f"\nreceipt      {work.id}")
    ordering.tell_fee(house, work)
    show.out(f"\nfiles        {folder}")
    for name in ("song.flac", "song.map", "song-lane.png"):
        show.out(f"  {name}")
    show.out("\nverify       song.flac: the song itself")
    platform.tell(platform.ask(house, folder / "song.flac"))
