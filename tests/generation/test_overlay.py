"""The overlay's colors: told apart by every eye, and one for each contribution."""

from __future__ import annotations

import numpy as np

from attribution.claim import Contribution
from generation import overlay


def test_twelve_colors_are_far_apart_for_every_eye() -> None:
    """CIELAB distances, as seen normally and without one kind of cones (Machado and others, 2009)."""
    without = {
        "normal": np.eye(3),
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    }
    rgb = np.array(overlay.COLORS) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    for eye, matrix in without.items():
        xyz = (linear @ np.array(matrix).T).clip(0, 1) @ to_xyz.T / [0.9505, 1, 1.089]
        f = np.cbrt(xyz)
        lab = np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], -1)
        apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1) + 1000 * np.eye(len(lab))
        assert apart.min() > (30 if eye == "normal" else 18), eye


def test_every_contribution_has_a_color_of_its_own() -> None:
    assert len({overlay.color(number) for number in range(overlay.NONE)}) == overlay.NONE


def test_the_largest_share_is_number_one_and_equals_keep_the_claims_order() -> None:
    parts = [Contribution(name, "0" * 64, name, "cre", share) for name, share in (("a", 200), ("b", 500), ("c", 200))]
    assert [part.asset for part in overlay.ranked(parts)] == ["b", "a", "c"]
