"""The net: from melody and loudness to what tone and noise are made of.

Engel et al., "DDSP: differentiable digital signal processing" (2020), divide the work in this way: the net says how
strong partials and noise are, oscillators at the given pitch make the sound, so the melody is right by construction.
Ours hears what comes before and after (dilated convolutions; van den Oord et al., "WaveNet", 2016, without causality).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from core.hearing.frames import Array, Samples
from generation.engines.reed.controls import CONTROLS
from generation.engines.reed.hearing import BANDS, PARTIALS, band_of

OWN = 40  # partials that have a strength of their own beside the envelope's
WIDTH = 96
_DILATIONS = (1, 2, 4, 8, 16, 1)
REACH = sum(_DILATIONS)  # frames that it hears to either side


class Net(nn.Module):
    """Controls [batch, CONTROLS, frames] to ln power [batch, BANDS + OWN + BANDS, frames]: envelope, own, noise."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv1d(CONTROLS, WIDTH, 1)
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, dilation=d, padding=d) for d in _DILATIONS)
        self.leave = nn.Conv1d(WIDTH, 2 * BANDS + OWN, 1)

    def forward(self, controls: Tensor) -> Tensor:
        x = self.enter(controls)
        for layer in self.layers:
            x = x + nn.functional.leaky_relu(layer(x), 0.1)
        return self.leave(nn.functional.leaky_relu(x, 0.1))  # type: ignore[no-any-return]


def partials(out: Tensor, at: Tensor) -> Tensor:
    """ln power of each partial, of the net's `out`; `at` and the answer are [batch, frames, PARTIALS], see `places`."""
    low = at.long().clamp(max=BANDS - 2)
    envelope = out[:, :BANDS].transpose(1, 2)
    below, above = envelope.gather(2, low), envelope.gather(2, low + 1)
    own = out[:, BANDS : BANDS + OWN].transpose(1, 2)
    return below + (above - below) * (at - low) + nn.functional.pad(own, (0, PARTIALS - OWN))


def places(hz: Array) -> Samples:
    """float32 [frames, PARTIALS]: the fractional band that each partial of these pitches lies at."""
    return band_of(hz[:, None] * np.arange(1, PARTIALS + 1)).astype(np.float32)


@contextmanager
def alike() -> Iterator[None]:
    """Sums come out alike at any load: one thread. More workers use more cores better than threads do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def weights_of(net: Net) -> dict[str, Samples]:
    return {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
