"""Hashes that propose, placement that finds where, texture that decides; and how sure that makes anyone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from attribution import confidence, fingerprint
from attribution.placement import Asked, laid, refined, roughly
from attribution.texture import BLOCK, Agreement, agreement, sheet_of
from tests.attribution import made
from tests.attribution.made import COPIES, photograph, stylized
from tests.fakes import texture

HASHES = st.integers(-(2**63), 2**63 - 1)


def shown(asked: np.ndarray, work: np.ndarray, content: np.ndarray | None) -> float:
    """The score of one sheet against another."""
    question = Asked(asked)
    placement = refined(question, work, roughly(question, work))
    if placement is None:
        return 0.0
    over, covered = laid(question, placement, work.shape)
    return agreement(over, covered, work, content).score


def sheet(data: bytes) -> np.ndarray:
    return sheet_of(made.reopened(data).pixels)


@given(view=HASHES, flips=st.lists(st.integers(0, 63), max_size=7, unique=True))
@settings(max_examples=50, deadline=None)
def test_hashes_within_seven_bits_are_always_found(view: int, flips: list[int]) -> None:
    """Of four parts one differs in a single bit at most; that is looked up."""
    bits = (view % 2**64) ^ sum(1 << flip for flip in flips)
    other = bits - 2**64 if bits >= 2**63 else bits
    assert set(fingerprint.keys([view])) & set(fingerprint.probes([other]))
    assert fingerprint.distances([view], [fingerprint.pack_views([other])]).tolist() == [len(flips)]


@given(views=st.lists(HASHES, min_size=1, max_size=5), others=st.lists(HASHES, min_size=3, max_size=3))
@settings(max_examples=50, deadline=None)
def test_a_distance_is_the_least_between_any_two_views(views: list[int], others: list[int]) -> None:
    packed = fingerprint.pack_views(others)
    least = min((a ^ b).bit_count() if a ^ b >= 0 else ((a ^ b) % 2**64).bit_count() for a in views for b in others)
    assert fingerprint.distances(views, [packed, packed]).tolist() == [least, least]


def test_keys_fit_the_column_and_are_few() -> None:
    keys = fingerprint.keys(fingerprint.of(photograph()).views)
    assert len(keys) <= 4 * len(fingerprint.REGISTERED)
    assert all(0 <= key < 2**18 for key in keys)


def test_a_stored_sheet_is_small_and_nearly_the_same() -> None:
    kept = fingerprint.of(photograph()).sheet
    data = fingerprint.pack(kept)
    assert len(data) < 30_000
    assert np.abs(fingerprint.unpack(data).astype(int) - kept).max() < 40
    assert kept.shape == (171, 256)


def test_a_frame_of_one_color_is_left_out() -> None:
    framed = sheet(COPIES["framed"](photograph()))
    assert abs(framed.shape[1] / framed.shape[0] - 512 / 342) < 0.02
    plain = np.full((90, 120, 3), 7, np.uint8)
    assert sheet_of(plain).shape == (90, 120)


def test_a_placement_says_where_a_copy_lies() -> None:
    """The part from 5 to 90 % of the width: its corners come out within a pixel."""
    work = sheet_of(photograph().pixels)
    asked = Asked(sheet(COPIES["cut to 85 %"](photograph())))
    placement = refined(asked, work, roughly(asked, work))
    assert placement is not None
    left = 256 * (512 - round(512 * 0.85)) // 4 / 512
    scale = 1 / 0.85
    corners = placement.matrix @ np.array([[left, left + 256 * 0.85], [6.4, 6.4], [1, 1]])
    assert np.abs(corners[0] - [0, 256]).max() < 1.5
    assert abs(placement.matrix[0, 0] - scale) < 0.01
    assert placement.overlap == pytest.approx(0.72, abs=0.04)
    assert not placement.mirrored


def test_a_mirrored_copy_is_placed_as_one() -> None:
    work = sheet_of(photograph().pixels)
    assert roughly(Asked(np.ascontiguousarray(work[:, ::-1])), work).mirrored


def test_texture_tells_a_copy_from_photograph_and_sibling() -> None:
    work, content = sheet_of(stylized(1).pixels), sheet_of(photograph().pixels)
    for copy in COPIES.values():
        assert shown(sheet(copy(stylized(1))), work, content) > 0.8
    for stranger in (photograph(), stylized(2), stylized(3), photograph("flower"), stylized(4, "flower")):
        assert shown(sheet_of(stranger.pixels), work, content) < 0.4


def test_what_the_photograph_explains_counts_for_nothing() -> None:
    """A work that is little but its photograph agrees with the photograph, and only then."""
    mixed = (0.8 * photograph().pixels + 0.2 * stylized(1).pixels).astype(np.uint8)
    work, content = sheet_of(mixed), sheet_of(photograph().pixels)
    assert shown(content, work, None) > 0.6
    assert abs(shown(content, work, content)) < 0.2
    assert shown(sheet(made.saved(Image.fromarray(mixed), "JPEG", quality=60)), work, content) > 0.8


def test_too_small_or_too_plain_pictures_agree_with_nothing() -> None:
    for tiny in (texture(1, height=40, width=60), texture(2, height=8, width=8)):
        own = fingerprint.of(tiny).sheet
        assert shown(own, own, None) == 0.0
    plain = np.full((200, 256), 128, np.uint8)
    assert shown(plain, plain, None) == 0.0


def test_confidence_rises_with_agreement_and_falls_with_strangers() -> None:
    for tail in (confidence.EXPLAINED, confidence.PLAIN, confidence.FORGOTTEN):
        scores = [0.5, 0.6, tail.least, 0.94, 0.97, 1.0]
        sure = [confidence.of(Agreement(x, 20), tail=tail, compared=1) for x in scores]
        assert sure[:2] == [None, None]
        given_ones = [x for x in sure if x is not None]
        assert given_ones == sorted(given_ones)
        assert 0.9 < given_ones[0] <= given_ones[-1] <= confidence.MOST
        crowded = confidence.of(Agreement(tail.least, 20), tail=tail, compared=50)
        assert crowded is not None
        assert crowded < given_ones[0]


def cross(slant: int) -> np.ndarray:
    """A white cross on flat gray, as on a flag or a grave."""
    image = Image.new("L", (116, 212), 90)
    draw = ImageDraw.Draw(image)
    draw.polygon([(42, 0), (76, 0), (76 - slant, 212), (42 - slant, 212)], fill=240)
    draw.polygon([(0, 50), (116, 50 + slant // 2), (116, 82 + slant // 2), (0, 82)], fill=240)
    return np.asarray(image)


def test_two_flat_drawings_are_not_told_alike_by_their_straight_edges() -> None:
    """In fine blocks any two edges agree, wherever they are from: those are asked of what is full of texture."""
    asked, work = cross(4), cross(0)
    found = agreement(asked.astype(np.float32), np.ones(work.shape, np.bool_), work, None)
    assert 0 < found.blocks <= work.size // BLOCK**2
    assert found.score < 0.55
