"""The contract between house and engine, shown on the toy: one call for batches, masks, regions, mixes, composing.

An engine's own tests may run the same claims: they speak of nothing that is only the toy's.
"""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from core.media import Picture
from core.shares import WHOLE
from generation.engine import (
    Asset,
    BadRequest,
    Cancelled,
    Estimate,
    Exact,
    Ingredient,
    Media,
    Rendering,
    Request,
    Share,
    silent,
)
from tests.fakes import Toy, ToyParams, texture

TOY = Toy()
ASSETS = [Asset("ast_red", texture(1)), Asset("ast_blue", texture(2))]
SOURCE = texture(9, height=40, width=64)


def prepared(asset: Asset) -> bytes:
    return TOY.prepare([asset], report=silent)


RED, BLUE = (prepared(asset) for asset in ASSETS)


def request(*styles: Ingredient, seed: int = 5, source: Media | None = SOURCE, **rest: object) -> Request:
    return Request(styles or (Ingredient(RED),), ToyParams(), seed, source, **rest)  # type: ignore[arg-type]


def render(one: Request) -> Rendering:
    return TOY.render([one], report=silent)[0]


def exact(rendering: Rendering) -> Exact:
    assert isinstance(rendering.provenance, Exact)
    return rendering.provenance


def shares(rendering: Rendering) -> dict[str, int]:
    return {share.asset: share.share for share in rendering.provenance.shares}


def test_a_preview_is_the_same_wish_made_small() -> None:
    asked = ToyParams(steps=90, step_seconds=0.5)
    assert TOY.preview(asked) == ToyParams(steps=2, step_seconds=0.5)
    assert TOY.preview(TOY.preview(asked)) == TOY.preview(asked)


def test_a_batch_gives_one_rendering_for_each_request_as_if_alone() -> None:
    asked = [request(seed=seed, source=source) for seed, source in ((1, SOURCE), (2, None), (1, texture(3)))]
    together = TOY.render(asked, report=silent)
    assert [one.media.sha256 for one in together] == [render(one).media.sha256 for one in asked]
    assert len({one.media.sha256 for one in together}) == 3


def test_the_same_request_gives_the_same_samples_and_another_seed_others() -> None:
    assert render(request()).media.sha256 == render(request()).media.sha256
    assert render(request()).media.sha256 != render(request(seed=6)).media.sha256


def test_what_is_prepared_depends_on_the_assets_alone() -> None:
    assert prepared(ASSETS[0]) == Toy().prepare([Asset("ast_red", texture(1))], report=silent)
    assert RED != BLUE


def test_outside_the_mask_the_source_stays_byte_for_byte() -> None:
    mask = np.zeros((40, 64), bool)
    mask[10:30, 20:50] = True
    made = render(request(mask=mask))
    assert np.array_equal(made.media.pixels[~mask], SOURCE.pixels[~mask])
    assert not np.array_equal(made.media.pixels[mask], SOURCE.pixels[mask])
    field = TOY.field(exact(made).map, ["ast_red"])
    assert np.array_equal(field == -1, ~mask)


def test_a_region_belongs_to_its_style_and_its_owner_is_paid_for_it() -> None:
    region = np.zeros((40, 64), bool)
    region[:, 48:] = True
    styles = Ingredient(RED, weight=1_000_000), Ingredient(BLUE, weight=1, region=region)
    made = render(request(*styles))
    field = TOY.field(exact(made).map, ["ast_red", "ast_blue"])
    assert (field[region] == 1).all()
    assert shares(made)["ast_blue"] == WHOLE // 4


def test_a_region_of_any_size_is_stretched_over_the_work() -> None:
    styles = Ingredient(RED, weight=1_000_000), Ingredient(BLUE, region=np.array([[False, True]]))
    field = TOY.field(exact(render(request(*styles))).map, ["ast_red", "ast_blue"])
    assert (field[:, 32:] == 1).all()
    assert (field[:, :31] == 0).all()


@pytest.mark.parametrize("source", [SOURCE, None], ids=["from a source", "composed"])
def test_a_rework_paints_inside_its_mask_and_keeps_pixels_and_owners_outside(source: Media | None) -> None:
    earlier = render(request(source=source))
    mask = np.zeros(earlier.media.pixels.shape[:2], bool)
    mask[5:20, 8:24] = True
    styles = Ingredient(BLUE, weight=1_000_000), Ingredient(RED)
    made = render(request(*styles, seed=6, source=source, mask=mask, base=exact(earlier).map))
    assert np.array_equal(made.media.pixels[~mask], earlier.media.pixels[~mask])
    assert not np.array_equal(made.media.pixels[mask], earlier.media.pixels[mask])
    field = TOY.field(exact(made).map, ["ast_red", "ast_blue"])
    assert (field[~mask] == 0).all()
    assert (field[mask] == 1).all()
    assert TOY.replay(exact(made).map, [RED, BLUE]).sha256 == made.media.sha256
    assert TOY.measure(exact(made).map, [RED, BLUE]) == made.provenance.shares
    again = render(request(*styles, seed=7, source=source, mask=~mask, base=exact(made).map))
    assert np.array_equal(again.media.pixels[mask], made.media.pixels[mask])
    with pytest.raises(BadRequest, match="holds an asset that is not here"):
        render(request(Ingredient(BLUE), source=source, mask=mask, base=exact(earlier).map))


def test_presets_are_parameters_that_the_engine_takes() -> None:
    assert len({preset.name for preset in TOY.card.presets}) == len(TOY.card.presets) > 1
    for preset in TOY.card.presets:
        assert ToyParams.model_validate(preset.params) != ToyParams()


def test_a_mix_shares_by_weight() -> None:
    made = render(request(Ingredient(RED, weight=3), Ingredient(BLUE, weight=1)))
    assert shares(made) == {"ast_red": 750_000, "ast_blue": 250_000}
    assert render(request(Ingredient(RED, weight=30), Ingredient(BLUE, weight=10))).media.sha256 == made.media.sha256


def test_composing_needs_no_source() -> None:
    made = render(request(source=None))
    assert made.media.height > 0
    assert TOY.replay(exact(made).map, [RED]).sha256 == made.media.sha256


def test_replay_and_measure_need_the_map_and_the_styles_only() -> None:
    made = render(request(Ingredient(RED), Ingredient(BLUE)))
    stranger = Toy()
    assert stranger.replay(exact(made).map, [RED, BLUE]).sha256 == made.media.sha256
    assert stranger.measure(exact(made).map, [RED, BLUE]) == made.provenance.shares


def test_replay_with_what_does_not_fit_is_refused_by_name() -> None:
    mask = np.zeros((40, 64), bool)
    masked = exact(render(request(mask=mask | True, source=SOURCE))).map
    with pytest.raises(BadRequest, match="names an asset that is not here"):
        TOY.replay(masked, [BLUE])
    mask[:20] = True
    kept = exact(render(request(mask=mask))).map
    for wrong in (None, texture(10, height=40, width=64)):
        with pytest.raises(BadRequest, match="needs the content it was made from"):
            TOY.replay(kept, [RED], wrong)


def test_a_cancel_is_not_swallowed() -> None:
    heard = []

    def report(step: int, of: int, stage: str, preview: Media | None = None) -> None:
        heard.append((step, of, stage))
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        TOY.render([request()], report=report)
    assert heard == [(0, 2, "toying")]


def test_parameters_are_closed_and_draw_their_form() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        ToyParams.model_validate({"steps": 1, "colour": "red"})
    with pytest.raises(ValidationError, match="frozen"):
        ToyParams().steps = 9
    schema = ToyParams.model_json_schema()
    assert schema["additionalProperties"] is False
    assert all("description" in field for field in schema["properties"].values())


@pytest.mark.parametrize(
    "wrong",
    [(), (Share("a", WHOLE - 1),), (Share("a", WHOLE + 1), Share("b", -1)), (Share("a", 500_000), Share("a", 500_000))],
    ids=["none", "short", "negative", "twice"],
)
def test_shares_that_are_not_one_whole_cannot_be_said(wrong: tuple[Share, ...]) -> None:
    with pytest.raises(ValueError, match="share"):
        Exact(b"", wrong, 0.0)
    with pytest.raises(ValueError, match="share"):
        Estimate(wrong, "guess", 10)


@pytest.mark.parametrize("copy", [float("nan"), -0.1, 1.1, float("inf")])
def test_a_copy_that_is_no_part_of_the_work_cannot_be_said(copy: float) -> None:
    with pytest.raises(ValueError, match="fraction of the work"):
        Exact(b"", (Share("a", WHOLE),), copy)


def test_the_card_says_what_the_engine_takes() -> None:
    assert TOY.card.accepts == {"source", "compose", "mask", "region", "mix", "rework"}
    assert TOY.card.max_batch >= 3
    assert TOY.card.weights_license is None
    assert isinstance(render(request()).media, Picture)
