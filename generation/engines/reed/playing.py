"""Asking a trained net: what tone and noise are made of, frame by frame, and what tells one frame from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.fft
import torch

from core.hearing.frames import Array, Samples, Tick
from generation.engine import BadRequest
from generation.engines.reed.hearing import BANDS
from generation.engines.reed.net import OWN, REACH, Net, alike, partials, places
from generation.engines.reed.player import TRAITS

_FRAMES = 3000  # at a time
_SHAPE = TRAITS - 3  # cosines that a spectrum is described by
_PITCH, _LEVEL, _SPECTRUM = (
    6.0,
    1.0,
    0.25,
)  # how much octaves, tens of dB and ln of power count where frames are compared


@dataclass(frozen=True, eq=False)
class Played:
    """ln of power relative to the whole: `partials` [frames, PARTIALS], `noise` [frames, BANDS]; `traits`."""

    partials: Samples
    noise: Samples
    traits: Samples


def load(weights: Mapping[str, Samples]) -> Net:
    """Raises BadRequest where these are not the numbers of such a net."""
    net = Net()
    try:
        net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    except RuntimeError as error:
        raise BadRequest("the prepared style holds no net that reed can play; prepare it again") from error
    return net.eval()


def play(net: Net, controls: Samples, hz: Array, tick: Tick) -> Played:
    """`controls` [frames, CONTROLS]; `hz` [frames], all above 0: the pitches to be played."""
    tones, hiss, traits = [], [], []
    with alike(), torch.no_grad():
        for a in range(0, len(controls), _FRAMES):
            b = min(a + _FRAMES, len(controls))
            tick()
            low, high = max(0, a - REACH), min(len(controls), b + REACH)
            out = net(torch.from_numpy(controls[low:high].T[None].copy()))[:, :, a - low : b - low]
            tones.append(partials(out, torch.from_numpy(places(hz[a:b])[None]))[0].numpy())
            said = out[0].numpy().T
            hiss.append(said[:, BANDS + OWN :])
            traits.append(_traits(said, controls[a:b]))
    return Played(np.concatenate(tones), np.concatenate(hiss), np.concatenate(traits))


def _traits(said: Samples, controls: Samples) -> Samples:
    """float32 [frames, TRAITS]: pitch, loudness, voicing and the shape of the spectrum, as far as each is heard."""
    shape = scipy.fft.dct(
        said[:, :BANDS] + np.pad(said[:, BANDS : BANDS + OWN], ((0, 0), (0, BANDS - OWN))), norm="ortho"
    )
    known = controls * np.array([_PITCH, 2 * _LEVEL, 2.0], np.float32)
    return np.concatenate([known, _SPECTRUM * shape[:, :_SHAPE]], 1).astype(np.float32)
