"""Learning: the net is trained from nothing on a style's own recordings, and on no others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.hearing.frames import Array, Bools, Samples
from generation.engines.reed.hearing import BAND_HZ, BANDS, PARTIALS
from generation.engines.reed.net import OWN, Net, alike, partials, places

_FRAMES, _BATCH = 150, 16  # in an excerpt; excerpts in a step
_RATE, _LAST = 3e-3, 0.03  # of learning; the last step's as a part of the first's
_RANGE = float(np.log(1e7))  # 70 dB below the strongest of a frame, things count least
_LEAST = 0.03  # of the strongest one's weight
_OWN = 2e-3  # price of a partial's own strength: where the envelope can say it, it shall
_CLIP = 1.0  # the longest gradient
_FIRST, _SECOND = 0.9, 0.98  # how slowly its mean and its square are forgotten

Told = Callable[[int, float], None]  # after each step: its number and how far off the net was, in dB


@dataclass(frozen=True, eq=False)
class Lesson:
    """A recording to learn from, [frames, …]: what the net is told, the pitch (0: none), and what it shall say.

    `rows`: which frames count. `rate`: the recording's, for the noise in a band counts by the band's width in it.
    """

    controls: Samples
    hz: Array
    partials: Samples
    noise: Samples
    rows: Bools
    rate: int


def learn(lessons: Sequence[Lesson], steps: int, told: Told) -> Net:
    """The same for the same lessons on one kind of machine. `told` may raise to stop it."""
    controls, at, tones, noise, weights = _table(lessons)
    dice = np.random.default_rng(len(at))
    with alike():
        net = Net()
        _begin(net, dice, tones, noise, weights)
        adam = _Adam(list(net.parameters()))
        offsets = np.arange(_FRAMES)
        for step in range(steps):
            rows = dice.integers(0, max(1, len(at) - _FRAMES + 1), _BATCH)[:, None] + offsets
            out = net(controls[rows].transpose(1, 2))
            loss, off = _loss(out, at[rows], tones[rows], noise[rows], weights[rows])
            grown = torch.autograd.grad(loss, adam.values)
            adam.step(grown, _RATE * (_LAST + (1 - _LAST) * 0.5 * (1 + math.cos(math.pi * step / steps))))
            told(step + 1, off)
    return net.eval()


class _Adam:
    """Kingma and Ba, "Adam" (2015), with steps of limited length. torch's own loads its compiler first: seconds."""

    def __init__(self, values: list[Tensor]) -> None:
        self.values = values
        self._first = [torch.zeros_like(value) for value in values]
        self._second = [torch.zeros_like(value) for value in values]
        self._steps = 0

    def step(self, grown: Sequence[Tensor], rate: float) -> None:
        self._steps += 1
        length = float(torch.stack([one.square().sum() for one in grown]).sum().sqrt())
        scale = min(1.0, _CLIP / max(length, 1e-9))
        with torch.no_grad():
            for value, one, first, second in zip(self.values, grown, self._first, self._second, strict=True):
                first.lerp_(one * scale, 1 - _FIRST)
                second.lerp_((one * scale).square(), 1 - _SECOND)
                root = (second / (1 - _SECOND**self._steps)).sqrt_().add_(1e-8)
                value.addcdiv_(first / (1 - _FIRST**self._steps), root, value=-rate)


def _loss(out: Tensor, at: Tensor, tones: Tensor, noise: Tensor, weights: Tensor) -> tuple[Tensor, float]:
    """What is to be lessened; and the mean distance in dB, as far as it is heard."""
    heavy, light = weights[..., :PARTIALS], weights[..., PARTIALS:]
    of_tones = ((partials(out, at) - tones).abs() * heavy).sum() / heavy.sum().clamp(min=1.0)
    of_noise = ((out[:, BANDS + OWN :].transpose(1, 2) - noise).abs() * light).sum() / light.sum().clamp(min=1.0)
    own = out[:, BANDS : BANDS + OWN].square().mean()
    return of_tones + of_noise + _OWN * own, float((of_tones + of_noise).detach()) * 5 / float(np.log(10))


def _table(lessons: Sequence[Lesson]) -> tuple[Tensor, ...]:
    """All recordings one after another, silence between them, as tensors; and what each number counts."""
    parts: list[list[Array | Samples]] = [[], [], [], [], []]
    for one in lessons:
        weights = _weights(one)
        for part, table in zip(parts, (one.controls, places(one.hz), one.partials, one.noise, weights), strict=True):
            part += [table, np.zeros((_FRAMES, *table.shape[1:]))]
    return tuple(torch.from_numpy(np.concatenate(part).astype(np.float32)) for part in parts)


def _weights(one: Lesson) -> Samples:
    """[frames, PARTIALS + BANDS]: what is 70 dB below a frame's strongest is heard least."""
    width = np.gradient(BAND_HZ) * 2 / one.rate
    power = np.concatenate([one.partials, one.noise + np.log(width)], 1)
    weights = np.clip(1 + (power - power.max(1, keepdims=True)) / _RANGE, _LEAST, 1.0)
    number = np.arange(1, PARTIALS + 1)
    weights[:, :PARTIALS] *= (one.hz[:, None] > 0) & (one.hz[:, None] * (number + 0.5) < one.rate / 2)
    weights[:, PARTIALS:] *= one.rate / 2 > BAND_HZ
    return np.asarray(weights * one.rows[:, None], dtype=np.float32)


def _begin(net: Net, dice: np.random.Generator, tones: Tensor, noise: Tensor, weights: Tensor) -> None:
    """Begin with what is so on average, and as the dice fall (He et al. 2015), whatever else the process throws."""
    heavy, light = weights[:, :PARTIALS], weights[:, PARTIALS:]
    with torch.no_grad():
        for value in net.parameters():
            spread = math.sqrt(2 / value[0].numel()) if value.ndim > 1 else 0.0
            value.copy_(torch.from_numpy(spread * dice.standard_normal(value.shape)))
        net.leave.weight.mul_(0.1)
        bias = net.leave.bias
        assert bias is not None
        bias[:BANDS] = (tones * heavy).sum() / heavy.sum().clamp(min=1.0)
        bias[BANDS + OWN :] = (noise * light).sum(0) / light.sum(0).clamp(min=1e-3)
