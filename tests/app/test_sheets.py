"""Sheets name every asset, by color and by number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.demo import sheets
from app.demo.sheets import Entry
from core import db
from core.media import Picture
from core.shares import WHOLE
from creators.models import Asset, Creator
from tests.fakes import texture
from tests.generation.world import World


def entries(*shares: int) -> list[Entry]:
    return [
        Entry(f"ast_{n}", f"Work {n}", "Ada", share, sheets.color_of(n), texture(n, height=60, width=80))
        for n, share in enumerate(shares)
    ]


def even(height: int, width: int, tone: int = 128) -> Picture:
    return Picture(np.full((height, width, 3), tone, np.uint8))


@pytest.fixture
def world(tmp_path: Path, sessions: db.Sessions) -> World:
    return World(tmp_path, sessions)


def test_legend_names_every_asset_of_a_mixed_work_the_largest_share_first(world: World) -> None:
    fan, one, two = world.fan(), world.artist("Ada Marsh", seed=1), world.artist("Ben Ruiz", seed=2)
    order = world.order(fan, one, two)
    placed = world.place(order)
    assert world.make_all() == ["done"]
    with db.unit(world.sessions) as session:
        legend = sheets.legend(session, work=world.work(placed.id), blobs=world.blobs, keys=world.keys)
        for entry in legend:
            asset = session.get_one(Asset, entry.id)
            assert (entry.title, entry.creator) == (asset.title, session.get_one(Creator, asset.creator).name)
            assert entry.thumbnail.width / entry.thumbnail.height == pytest.approx(asset.width / asset.height, abs=0.02)
    assert {entry.creator for entry in legend} == {"Ada Marsh", "Ben Ruiz"}
    assert sum(entry.share for entry in legend) == WHOLE
    assert [entry.share for entry in legend] == sorted((entry.share for entry in legend), reverse=True)
    assert len({entry.color for entry in legend}) == len(legend)


def test_colors_stay_distinct_far_beyond_the_palette() -> None:
    assert len({sheets.color_of(number) for number in range(21)}) == 21


def test_map_tints_each_place_in_its_assets_color_and_leaves_other_places_gray() -> None:
    field = np.zeros((300, 900), np.int32)
    field[:, 300:600], field[:, 600:] = 1, -1
    legend = entries(700_000, 300_000)
    sheet = sheets.provenance_map(field, legend, over=even(300, 900)).pixels.astype(int)
    top = sheets.MARGIN + 78
    for number, x in ((0, 40), (1, 340)):
        shown = sheet[top + 20, sheets.MARGIN + x]
        wanted = np.array(legend[number].color)
        assert np.argmax(shown) == np.argmax(wanted)
        assert np.abs(shown - wanted).max() < 60
    other = sheet[top + 20, sheets.MARGIN + 640]
    assert np.ptp(other) <= 1


def test_map_outlines_areas_and_not_specks() -> None:
    field = np.zeros((200, 800), np.int32)
    field[:, 400:] = 1
    field[50:54, 100:104] = 1
    edge = sheets._outlines(field, 2)
    assert edge[:, 400].all()
    assert not edge[:, :399].any()


def test_map_numbers_an_asset_inside_its_own_area() -> None:
    mask = np.zeros((50, 80), bool)
    mask[10:40, 5:20] = True
    assert sheets._middle(mask) is not None
    x, y = sheets._middle(mask) or (0, 0)
    assert mask[y, x]
    assert sheets._middle(np.zeros((4, 4), bool)) is None


def test_map_grows_with_its_legend() -> None:
    field = np.zeros((64, 96), np.int32)
    short = sheets.provenance_map(field, entries(WHOLE), over=even(64, 96))
    long = sheets.provenance_map(field, entries(*[WHOLE // 20] * 20), over=even(64, 96))
    assert long.width == short.width
    assert long.height > short.height


@pytest.mark.parametrize("shape", [(512, 768), (768, 512), (640, 640), (60, 90)])
@pytest.mark.parametrize("works", [0, 1, 5, 12])
def test_before_and_after_fits_any_shape_and_number_of_works(shape: tuple[int, int], works: int) -> None:
    made = texture(9, height=shape[0], width=shape[1])
    style = [texture(n, height=60, width=80) for n in range(works)]
    sheet = sheets.before_after(texture(8, height=427, width=640), made, credit="someone, CC BY 2.0", style=style)
    assert sheet.width > made.width
    if max(shape) >= 768:  # shown at its own size: the very same pixels
        left = sheet.width - sheets.MARGIN - made.width
        there = sheet.pixels[sheets.MARGIN : sheets.MARGIN + made.height, left : left + made.width]
        assert np.array_equal(there, made.pixels)
    border = sheet.pixels[: sheets.MARGIN]
    assert (border == sheets.PAPER).all()


def test_long_words_are_cut_where_their_room_ends() -> None:
    named = [Entry("ast_1", "A very long title " * 9, "Someone " * 30, WHOLE, sheets.color_of(0), even(40, 40))]
    sheet = sheets.provenance_map(np.zeros((80, 120), np.int32), named, over=even(80, 120))
    assert (sheet.pixels[:, -sheets.MARGIN // 2 :] == sheets.PAPER).all()
