"""Parts of a picture: read once from an upload, kept for their owner, stretched to the work, handed to the engine."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import db
from core.media import Picture
from creators.models import Person
from generation import erasing, masks, notes, sources
from generation.engine import Request
from generation.masks import NothingToPaint
from generation.models import Source, Work
from generation.sources import KEPT
from tests.doors import Doors
from tests.fakes import Toy
from tests.generation.test_routes import order, upload, wish


@dataclass
class Watching(Toy):
    """Remembers what it was asked for."""

    asked: list[Request] = field(default_factory=list)

    def render(self, requests: Any, *, report: Any) -> Any:
        self.asked.extend(requests)
        return super().render(requests, report=report)


def watched(doors: Doors) -> Watching:
    toy = Watching()
    doors.world.catalog.add("toy", toy)
    return toy


def drawn(white: np.ndarray) -> bytes:
    """A file as a page would send it: white and black, opaque."""
    out = io.BytesIO()
    Image.fromarray(np.where(white, 255, 0).astype(np.uint8)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def half(height: int = 6, width: int = 8) -> np.ndarray:
    """White on the right."""
    white = np.zeros((height, width), bool)
    white[:, width // 2 :] = True
    return white


def bring(doors: Doors, fan: Person, white: np.ndarray) -> str:
    return upload(doors, fan, drawn(white))


def test_what_is_light_is_inside() -> None:
    levels = np.repeat(np.array([[0, 127, 128, 255]], np.uint8)[..., None], 3, axis=2)
    assert masks.of(Picture(levels)).tolist() == [[False, False, True, True]]
    with pytest.raises(NothingToPaint, match="black all over; paint white"):
        masks.of(Picture(np.full((4, 4, 3), 127, np.uint8)))


def test_a_mask_is_kept_as_it_is_and_named_by_its_content() -> None:
    white = np.random.default_rng(0).random((13, 21)) < 0.5
    assert np.array_equal(masks.read(masks.png(white)), white)
    assert masks.sha256(white) == masks.sha256(white.copy())
    assert len({masks.sha256(x) for x in (white, ~white, white.reshape(21, 13))}) == 3


def test_a_stretched_mask_takes_the_nearest_pixel() -> None:
    assert masks.stretched(half(2, 2), height=4, width=6).tolist() == [[False] * 3 + [True] * 3] * 4
    assert np.array_equal(masks.stretched(half(90, 120), height=3, width=4), half(3, 4))
    dot = np.zeros((100, 100), bool)
    dot[0, 0] = True
    with pytest.raises(NothingToPaint, match="10 × 10 pixels; paint a larger part"):
        masks.stretched(dot, height=10, width=10)


def test_a_masked_order_keeps_the_source_outside(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    answer = order(doors, fan, wish(offer, source="starter:china", mask=bring(doors, fan, half())))
    assert doors.world.make_all() == ["done"]
    client = doors.client(fan)
    work = client.get(f"/v1/works/{answer.json()['id']}").json()
    made, source = (np.asarray(Image.open(io.BytesIO(client.get(work[x]).content))) for x in ("file", "source"))
    off = np.sqrt(((made.astype(float) - source) ** 2).mean(axis=(0, 2)))
    assert off[:320].mean() < 2.1 < 10 < off[320:].mean(), "nothing but the work's mark"


def test_a_preview_takes_the_same_parts(doors: Doors) -> None:
    toy, fan = watched(doors), doors.world.fan()
    one, other = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    body = wish(one, other, mask=bring(doors, fan, half()))
    body["offers"][1]["region"] = bring(doors, fan, half(5, 3))
    assert doors.client(fan).post("/v1/previews", json=body).status_code == 202
    assert doors.world.make_all() == ["done"]
    (asked,) = toy.asked
    assert asked.mask is not None
    assert asked.mask.shape == (342, 512), "a preview is small"
    assert [style.region is None for style in asked.styles] == [True, False]
    assert np.array_equal(asked.styles[1].region, half(5, 3)), "handed over as it was drawn"


def test_parts_are_read_once_and_kept_sealed_for_as_long_as_a_work_names_them(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    fan, late = doors.world.fan(), doors.house.clock.now() + KEPT * 2
    offers = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    body = wish(*offers, mask=bring(doors, fan, half()))
    body["offers"][0]["region"] = bring(doors, fan, half(3, 3))
    assert order(doors, fan, body).status_code == 202
    monkeypatch.setattr("core.decode.picture", None)  # a second decoding would fail
    assert order(doors, fan, {**body, "seed": 9}, key="order-2").status_code == 202
    assert sources.sweep(doors.house.sessions, blobs=doors.house.blobs, at=late) == 0
    with doors.house.sessions() as session:
        kept = session.get_one(Source, (fan.id, f"mask:{body['mask']}"))
    data = doors.house.blobs.get(kept.blob)
    assert not data.startswith(b"\x89PNG")
    assert np.array_equal(masks.read(doors.house.keys.open(fan.id, data)), half())


def test_an_erased_person_leaves_no_part_behind(doors: Doors) -> None:
    fan = doors.world.fan()
    offers = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    body = wish(*offers, mask=bring(doors, fan, half()))
    body["offers"][1]["region"] = bring(doors, fan, half(3, 3))
    work = order(doors, fan, body).json()["id"]
    assert doors.world.make_all() == ["done"]
    with db.unit(doors.house.sessions) as session:
        row = session.get_one(Work, work)
        parts = {str(row.mask_blob), str(row.grants[1].region_blob)}
        assert parts < set(erasing.forget(session, person=fan.id))
    with doors.house.sessions() as session:
        row = session.get_one(Work, work)
        assert (row.mask_blob, [grant.region_blob for grant in row.grants]) == (None, [None, None])
        assert row.map_blob is not None, "every creator's share rests on it"


def test_a_part_that_no_work_names_is_forgotten(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    part = bring(doors, fan, half())
    assert order(doors, fan, wish(offer, source=None, mask=part)).status_code == 422
    late = doors.house.clock.now() + KEPT * 2
    assert sources.sweep(doors.house.sessions, blobs=doors.house.blobs, at=late) == 1


@pytest.mark.parametrize("where", ["mask", "region"])
def test_a_black_part_and_somebody_elses_are_refused(doors: Doors, where: str) -> None:
    fan, other = doors.world.fan(), doors.world.fan("Eve")
    offers = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)

    def ask(part: str) -> Any:
        body = wish(*offers)
        (body if where == "mask" else body["offers"][0])[where] = part
        return order(doors, fan, body)

    black = ask(bring(doors, fan, np.zeros((4, 4), bool)))
    assert (black.status_code, black.json()["type"]) == (422, "/problems/nothing-to-paint")
    assert ask(bring(doors, other, half())).status_code == 404
    assert ask("starter:china").json()["type"] == "/problems/invalid-request"
    assert doors.world.balance(f"credit:{fan.id}") == 20_000_000


@pytest.mark.parametrize(
    ("without", "change", "words"),
    [
        ("mask", {}, "makes the whole, not a part"),
        (None, {"source": None}, "a part of a picture to start from"),
    ],
)
def test_a_mask_needs_an_engine_and_a_source_that_take_one(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, without: str | None, change: dict[str, Any], words: str
) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    unable(monkeypatch, without)
    answer = order(doors, fan, wish(offer, mask=bring(doors, fan, half()), **change))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-request")
    assert words in answer.json()["detail"]


def test_a_region_needs_an_engine_that_takes_one_and_a_second_style(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    fan = doors.world.fan()
    one, other = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    alone = wish(one)
    alone["offers"][0]["region"] = bring(doors, fan, half())
    assert "name two or more" in order(doors, fan, alone).json()["detail"]
    unable(monkeypatch, "region")
    both = {**alone, "offers": [*alone["offers"], {"offer": other.id}]}
    assert "keeps no style to a region" in order(doors, fan, both).json()["detail"]


def unable(monkeypatch: pytest.MonkeyPatch, what: str | None) -> None:
    """Let the toy no longer accept this."""
    monkeypatch.setattr(Toy, "card", replace(Toy.card, accepts=Toy.card.accepts - {what}))


def test_orders_that_differ_in_a_part_alone_are_different(doors: Doors) -> None:
    fan = doors.world.fan()
    offers = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    part, same, other = (bring(doors, fan, white) for white in (half(), half(), ~half()))
    body = wish(*offers)
    masked, divided = {**body, "mask": part}, wish(*offers)
    divided["offers"][0]["region"] = part
    assert order(doors, fan, masked, key="a").status_code == 202
    assert order(doors, fan, {**body, "mask": same}, key="a").status_code == 202, "the same mask in another upload"
    assert order(doors, fan, divided, key="b").status_code == 202
    for changed, key in ((body, "a"), ({**body, "mask": other}, "a"), (divided, "a"), (body, "b"), (masked, "b")):
        assert order(doors, fan, changed, key=key).json()["type"] == "/problems/key-reused"


def test_a_mask_too_fine_for_the_picture_costs_nothing(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    dot = np.zeros((900, 1400), bool)
    dot[0, 0] = True
    work = order(doors, fan, wish(offer, mask=bring(doors, fan, dot))).json()
    assert doors.world.make_all() == ["failed"]
    reason = doors.client(fan).get(f"/v1/works/{work['id']}").json()["reason"]
    assert "paint a larger part; the price is back" in reason
    assert doors.world.balance(f"credit:{fan.id}") == 20_000_000


def test_notes_are_sentences_for_what_is_known_and_nothing_else() -> None:
    assert notes.of({"faces": 1}) == ["1 face was found and painted with the portrait settings."]
    assert notes.of({"faces": 3, "mix_reason": "Too little blue."}) == [
        "3 faces were found and painted with the portrait settings.",
        "Too little blue.",
    ]
    assert notes.of({"faces": 0, "mix_reason": "", "shares": {"ast_1": 1}, "redone_for_copy_cap": 2}) == []
    assert notes.of({"faces": True, "mix_reason": 7}) == [], "a stranger's facts of the same names"
