"""Preparing a style: hear its recordings, train the net on them, keep what playing and telling whose it is need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.hearing.frames import Tick
from generation.engine import Asset, Report
from generation.engines.reed import controls, playing, training
from generation.engines.reed.material import Material, gather
from generation.engines.reed.net import Net, weights_of
from generation.engines.reed.player import Learned, Player, key_of, spread


def prepare(assets: Sequence[Asset], steps: int, report: Report) -> Player:
    """Raises BadRequest, Cancelled."""
    of = len(assets) + steps  # a recording takes longer than a step to be heard, but rather less than a hundred do

    def listening(number: int) -> None:
        report(number, of, "listening")

    def learning(step: int, off: float) -> None:
        report(len(assets) + step, of, f"learning, {off:.1f} dB off")

    learned = [one for one in gather(assets, listening) if one.rows.any()]
    compass = controls.compass_of(np.concatenate([one.heard.hz[one.rows & (one.heard.hz > 0)] for one in learned]))
    net = training.learn([_lesson(one, compass) for one in learned], steps, learning)
    return _player(net, learned, compass, (key_of(assets, steps), steps), lambda: listening(len(assets)))


def _lesson(one: Material, compass: controls.Compass) -> training.Lesson:
    told = controls.controls(one.heard, compass)
    return training.Lesson(told, one.heard.hz, one.spectra.partials, one.spectra.noise, one.rows, one.heard.rate)


def _player(
    net: Net, learned: Sequence[Material], compass: controls.Compass, known: tuple[str, int], tick: Tick
) -> Player:
    """With a sample of the frames that were learned from, as the net plays them. `known`: its key, and the steps."""
    traits, owners = [], []
    kept = spread([int(one.rows.sum()) for one in learned])
    for number, (one, some) in enumerate(zip(learned, kept, strict=True)):
        told = controls.controls(one.heard, compass)
        played = playing.play(net, told, controls.through(one.heard.hz), tick)
        traits.append(played.traits[np.flatnonzero(one.rows)[some]])
        owners.append(np.full(len(some), number))
    names = tuple(Learned(one.id, one.sha256, int(one.rows.sum())) for one in learned)
    rate = max(one.heard.rate for one in learned)
    key, steps = known
    return Player(key, names, rate, compass, steps, weights_of(net), np.concatenate(traits), np.concatenate(owners))
