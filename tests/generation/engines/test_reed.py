"""reed: what is learned, what is played, what is told of whose it is, and what is refused."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from core.hearing import pitch
from core.media import Picture, Sound
from core.shares import WHOLE
from generation.engine import Asset, BadRequest, Cancelled, Ingredient, NeedsTorch, Rendering, Request, silent
from generation.engines.reed import Reed, controls, hearing, player, training
from tests.generation.engines.pipes import FEW, RATE, estimate, hiss, joined, over, pipe, prepared, render, shares


@dataclass(frozen=True)
class Made:
    """A flute's low melody, played on a shawm of which there is a low take and a high one."""

    engine: Reed
    style: bytes
    source: Sound
    rendering: Rendering

    @property
    def samples(self) -> np.ndarray:
        return self.rendering.media.samples[:, 0]  # type: ignore[union-attr, no-any-return]


@pytest.fixture(scope="module")
def made() -> Made:
    engine = Reed(FEW)
    style = prepared(engine, low=pipe(1, high=67), high=pipe(2, low=72), hiss=hiss(3.0), again=pipe(1, high=67))
    half = np.zeros(RATE // 2)
    source = joined(half, pipe(3, flute=True, low=62, high=69).samples[:, 0], half)
    return Made(engine, style, source, render(source, (style, 1)))


def test_learning_lessens_the_distance() -> None:
    heard = hearing.listen(pipe(1))
    spectra = hearing.divide(heard)
    told = controls.controls(heard, controls.compass_of(heard.hz[heard.voiced]))
    off: list[float] = []
    lesson = training.Lesson(told, heard.hz, spectra.partials, spectra.noise, heard.active, heard.rate)
    training.learn([lesson], 12, lambda step, far: off.append(far))
    assert len(off) == 12
    assert off[-1] < 0.75 * off[0]


def test_the_melody_and_the_loudness_are_the_fans(made: Made) -> None:
    wanted, found = (
        pitch.track(np.asarray(one, np.float64), RATE) for one in (made.source.samples[:, 0], made.samples)
    )
    both = (wanted > 0) & (found > 0)
    assert both.sum() > 0.95 * (wanted > 0).sum()
    cents = 1200 * np.log2(found[both] / wanted[both]) - 100 * made.rendering.facts["semitones"]  # type: ignore[operator]
    assert (np.abs(cents) < 50).mean() > 0.97
    loud = [hearing.listen(one) for one in (made.source, made.rendering.media)]  # type: ignore[list-item]
    some = loud[0].level > -20
    assert np.abs(loud[0].level - loud[1].level)[some].mean() < 1.5


def test_the_timbre_is_the_instruments(made: Made) -> None:
    def balance(x: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(x)) ** 2
        at = np.fft.rfftfreq(len(x), 1 / RATE)
        return float(10 * np.log10(power[(at > 1800) & (at < 4000)].sum() / power[at < 900].sum()))

    learned = balance(pipe(1, high=67).samples[:, 0])
    assert balance(made.source.samples[:, 0]) < learned - 10
    assert abs(balance(made.samples) - learned) < 6


def test_where_the_source_is_silent_so_is_the_work(made: Made) -> None:
    assert len(made.samples) == made.source.frames
    assert not made.samples[: round(0.45 * RATE)].any()
    assert np.abs(made.samples).max() <= 1.0


def test_the_same_again_for_the_same_seed(made: Made) -> None:
    recordings = {"low": pipe(1, high=67), "high": pipe(2, low=72), "hiss": hiss(3.0), "again": pipe(1, high=67)}
    assert prepared(Reed(FEW), **recordings) == made.style
    assert render(made.source, (made.style, 1)).media.sha256 == made.rendering.media.sha256
    other = render(made.source, (made.style, 1), seed=6).media.samples[:, 0]  # type: ignore[union-attr]
    assert 0 < np.square(other - made.samples).sum() < 0.2 * np.square(made.samples).sum()  # another breath


def test_shares_are_an_estimate_and_padding_has_none(made: Made) -> None:
    told = estimate(made.rendering)
    assert sum(one.share for one in told.shares) == WHOLE
    assert "similarity" in told.method
    assert 0 < told.interval < WHOLE // 3
    found = shares(made.rendering)
    assert set(found) == {"low", "high"}
    assert found["low"] > found["high"]


def test_between_styles_the_weights_hold_exactly(made: Made) -> None:
    flute = prepared(made.engine, flute=pipe(4, flute=True))
    mixed = render(made.source, (made.style, 3), (flute, 1), length=2.0)
    found = shares(mixed)
    assert found["flute"] == WHOLE // 4
    assert estimate(mixed).interval == estimate(made.rendering).interval * 3 // 4
    alone = render(made.source, (flute, 1), start=0.5, length=1.0)
    assert estimate(alone).interval == 0  # there is but one it can be of
    assert alone.media.frames == RATE  # type: ignore[union-attr]


def test_pitch_goes_as_asked(made: Made) -> None:
    def middle(sound: Sound) -> float:
        found = pitch.track(sound.samples[:, 0].astype(np.float64), sound.rate)
        return float(np.median(found[found > 0]))

    part = {"start": 0.5, "length": 2.0}
    kept = middle(render(made.source, (made.style, 1), transpose="keep", **part).media)  # type: ignore[arg-type]
    fifth = render(made.source, (made.style, 1), transpose="semitones", semitones=-5, **part)
    assert 12 * np.log2(middle(fifth.media) / kept) == pytest.approx(-5, abs=0.3)  # type: ignore[arg-type]
    assert fifth.facts["semitones"] == -5


def test_sources_of_every_form_are_played(made: Made) -> None:
    import soxr

    mono = made.source.samples[: 2 * RATE]
    low = np.asarray(soxr.resample(mono, RATE, 8_000), np.float32)
    wide = np.asarray(np.clip(np.repeat(soxr.resample(mono, RATE, 44_100), 2, 1), -0.05, 0.05) + 0.2, np.float32)
    for samples, rate in ((low, 8_000), (wide, 44_100)):  # a telephone's; in stereo, clipped, with an offset
        work = render(Sound(samples, rate), (made.style, 1)).media
        assert isinstance(work, Sound)
        assert (work.rate, work.frames, work.channels) == (RATE, 2 * RATE, 1)
        assert np.isfinite(work.samples).all()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (None, "bring one"),
        (Picture(np.zeros((4, 4, 3), np.uint8)), "bring one"),
        (joined(np.zeros(RATE)), "nothing sounds"),
        (joined(np.ones(1)), "lasts 0.0 seconds"),
        (hiss(1.0), "no tone has a pitch"),
        (over(pipe(1), pipe(2), pipe(3, flute=True)), "more than one tone sounds"),
    ],
)
def test_sources_without_one_melody_are_refused(made: Made, source: Sound | None, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        render(source, (made.style, 1))


def test_masks_regions_and_too_many_styles_are_refused(made: Made) -> None:
    everywhere = np.ones((1, 1), np.bool_)
    one = Ingredient(made.style)
    for styles, mask in (((one,), everywhere), ((Ingredient(made.style, 1, everywhere),), None), ((one,) * 9, None)):
        with pytest.raises(BadRequest):
            Reed().render([Request(styles, Reed.Params(), 1, source=made.source, mask=mask)], report=silent)


def test_what_holds_no_single_tone_is_not_learned() -> None:
    chords = over(pipe(1), pipe(2), pipe(3, flute=True))
    for bad in ({"hiss": hiss(3.0)}, {"silence": joined(np.zeros(3 * RATE))}, {"chords": chords}):
        with pytest.raises(BadRequest, match="one voice or instrument"):
            prepared(Reed(FEW), **bad)
    with pytest.raises(BadRequest, match="twice"):
        Reed(FEW).prepare([Asset("a", pipe(1)), Asset("a", pipe(2))], report=silent)
    with pytest.raises(BadRequest, match="no recording"):
        Reed(FEW).prepare([Asset("a", Picture(np.zeros((4, 4, 3), np.uint8)))], report=silent)


@pytest.mark.parametrize("stage", ["listening", "learning"])
def test_learning_stops_when_told(stage: str) -> None:
    def stop(step: int, of: int, at: str, preview: object = None) -> None:
        assert step <= of
        if at.startswith(stage):
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        prepared(Reed(FEW), stop, a=pipe(1))


def test_hostile_bytes_are_refused(made: Made) -> None:
    with np.load(io.BytesIO(made.style)) as arrays:
        whole = {name: arrays[name] for name in arrays.files}

    def altered(**changed: np.ndarray | None) -> bytes:
        out = io.BytesIO()
        np.savez(out, **{name: one for name, one in {**whole, **changed}.items() if one is not None})  # type: ignore[arg-type]
        return out.getvalue()

    nan = np.full_like(whole["net.leave.bias"], np.nan)
    header = np.frombuffer(whole["header"].tobytes().replace(b"player/1", b"player/9"), np.uint8)
    hostile = {
        "no": b"no zip at all",
        "cut": made.style[:-200],
        "nan": altered(**{"net.leave.bias": nan}),
        "short": altered(**{"net.leave.bias": whole["net.leave.bias"][1:]}),
        "missing": altered(**{"net.leave.bias": None}),
        "more": altered(**{"net.other": whole["net.leave.bias"]}),
        "objects": altered(traits=np.array([{}, {}], object)),
        "nobody": altered(owner=np.full_like(whole["owner"], 7)),
        "newer": altered(header=header),
        "huge": altered(ballast=np.zeros(player.MOST_BYTES, np.uint8)),
    }
    for data in hostile.values():
        with pytest.raises(BadRequest, match="prepare it again"):
            render(made.source, (data, 1))


def test_an_estimate_has_no_map(made: Made) -> None:
    for ask in (
        lambda: made.engine.replay(b"", [made.style], made.source),
        lambda: made.engine.measure(b"", [made.style]),
        lambda: made.engine.field(b"", ["low"]),
    ):
        with pytest.raises(BadRequest, match="keeps no map"):
            ask()


def test_previews_are_short() -> None:
    assert Reed().preview(Reed.Params()).length == 15
    assert Reed().preview(Reed.Params(length=4)).length == 4


def test_without_torch_it_says_what_to_install(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("net", "playing", "preparing", "render", "training"):
        monkeypatch.delitem(sys.modules, f"generation.engines.reed.{name}")
        monkeypatch.delattr(f"generation.engines.reed.{name}")
    monkeypatch.setitem(sys.modules, "torch", None)
    for ask in (lambda: prepared(Reed(FEW), a=pipe(1)), lambda: render(made.source, (made.style, 1))):
        with pytest.raises(NeedsTorch, match=r"homage\[engines\]"):
            ask()
