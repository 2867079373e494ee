"""One rendering: hear the source, ask the nets, make the sound, and say who gave what as far as can be told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.hearing.frames import Array, Samples, Tick
from core.media import Sound
from generation.engine import BadRequest, Rendering, Report, Request
from generation.engines.reed import controls, hearing, playing, shares, synthesis
from generation.engines.reed.hearing import BANDS, PARTIALS, Heard
from generation.engines.reed.material import LEAST_RATE, SURE
from generation.engines.reed.params import ReedParams
from generation.engines.reed.player import Player, unpack

_MOST_STYLES = 8
_LEAST_SECONDS, _MOST_SECONDS = 0.2, 1800.0
_FADE = 10.0  # dB below what sounds, over which it goes silent
_PEAK = 0.99


@dataclass(frozen=True, eq=False)
class _Wish:
    """What is to be played: the source as heard, its pitch [frames] in the work, and how many octaves that is up."""

    heard: Heard
    hz: Array
    octaves: float
    noise: float


def sound(request: Request, report: Report) -> Rendering:
    """Raises BadRequest, Cancelled."""
    params = ReedParams.model_validate(request.params.model_dump())
    source = _source(request, params)
    players = [unpack(style.prepared) for style in request.styles]
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        report(done, done + 1, "playing")

    report(0, 1, "listening")
    heard = hearing.listen(source, tick)
    clear = _clear(heard, tick)
    octaves = _octaves(params, heard, players)
    wish = _Wish(heard, controls.through(heard.hz) * 2**octaves, octaves, params.noise)
    rate = max(player.rate for player in players)
    partials, noise = np.zeros((len(heard), PARTIALS)), np.zeros((len(heard), BANDS))
    parts: list[tuple[int, Player, Samples]] = []
    whole = sum(style.weight for style in request.styles)
    for style, player in zip(request.styles, players, strict=True):
        told = controls.controls(heard, player.compass, octaves)
        played = playing.play(playing.load(player.weights), told, wish.hz, tick)
        partials += played.partials * (style.weight / whole)
        noise += played.noise * (style.weight / whole)
        parts.append((style.weight, player, played.traits[heard.active]))
    samples = -(-source.frames * rate // source.rate)
    media = _made(wish, partials, noise, (rate, samples, request.seed), tick)
    provenance = shares.estimate(parts, tick)
    report(done + 1, done + 1, "playing")
    return Rendering(media, provenance, _facts(wish, players, clear))


def _made(wish: _Wish, partials: Array, noise: Array, form: tuple[int, int, int], tick: Tick) -> Sound:
    """As loud as the source, moment by moment. `form`: rate, samples, seed; `partials`, `noise`: ln of power."""
    rate, samples, seed = form
    heard = wish.heard
    np.exp(partials, out=partials)
    np.exp(noise, out=noise)
    noise[heard.hz > 0] *= wish.noise  # where there is no tone, noise is all there is
    partials[heard.hz == 0] = 0.0
    power = synthesis.total(wish.hz, partials, noise, rate)
    audible = np.clip((heard.level - hearing.ACTIVE) / _FADE + 1.0, 0.0, 1.0)
    gain = (audible**2 * heard.power / np.maximum(power, 1e-12))[:, None]
    partials *= gain
    noise *= gain
    out = synthesis.tone(wish.hz, partials, rate, samples, tick)
    out += synthesis.noise(noise, rate, samples, np.random.default_rng(seed), tick)
    out *= min(1.0, _PEAK / max(float(np.abs(out).max()), 1e-9))
    return Sound(out.astype(np.float32)[:, None], rate)


def _octaves(params: ReedParams, heard: Heard, players: list[Player]) -> float:
    """How far the melody goes up: whole octaves into the middle of the instruments' ranges, or as asked."""
    if params.transpose == "keep":
        return 0.0
    if params.transpose == "semitones":
        return params.semitones / 12
    middle = float(np.mean([player.compass.middle for player in players]))
    return float(np.round(middle - np.median(np.log2(heard.hz[heard.voiced]))))


def _clear(heard: Heard, tick: Tick) -> float:
    """How much of the melody is surely one. Raises BadRequest where it is none."""
    if not heard.active.any():
        raise BadRequest("nothing sounds in this recording; bring one that is not silent")
    if not heard.voiced.any():
        raise BadRequest("no tone has a pitch in this recording; bring one with a melody")
    clear = hearing.sure(heard, hearing.divide(heard, tick))
    if clear < SURE:
        raise BadRequest(
            f"reed plays one melody, and in {100 * (1 - clear):.0f} % of this recording more than one tone sounds;"
            " bring one voice or instrument alone, or use mosaic"
        )
    return clear


def _facts(wish: _Wish, players: list[Player], clear: float) -> dict[str, int | str]:
    pitch = np.log2(wish.hz[wish.heard.voiced])
    low, high = min(one.compass.low for one in players), max(one.compass.high for one in players)
    outside = float(((pitch < low) | (pitch > high)).mean())
    return {
        "semitones": round(12 * wish.octaves),
        "clear_percent": round(100 * clear),
        "outside_range_percent": round(100 * outside),
    }


def _source(request: Request, params: ReedParams) -> Sound:
    """What is to be played anew: the excerpt that is wanted, or all. Raises BadRequest."""
    if request.mask is not None or request.base is not None or any(s.region is not None for s in request.styles):
        raise BadRequest("reed plays the whole recording: it knows no mask, region or rework")
    if not 1 <= len(request.styles) <= _MOST_STYLES:
        raise BadRequest(f"reed plays 1 to {_MOST_STYLES} styles at once, not {len(request.styles)}")
    source = request.source
    if not isinstance(source, Sound):
        raise BadRequest("reed plays the melody of a recording; bring one")
    if source.rate < LEAST_RATE:
        raise BadRequest(f"the recording has under {LEAST_RATE} samples a second; bring the original")
    length = round(params.length * source.rate)
    if 0 < length < source.frames:
        start = max(0, min(round(params.start * source.rate), source.frames - length))
        source = Sound(source.samples[start : start + length].copy(), source.rate)
    if not _LEAST_SECONDS <= source.seconds <= _MOST_SECONDS:
        raise BadRequest(f"the recording lasts {source.seconds:.1f} seconds; reed takes 0.2 seconds to 30 minutes")
    return source
