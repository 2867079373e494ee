"""`homage compose`, and parts, regions, takes and reworks of `homage stylize`, on anyone's own files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from app.cli import app
from core import decode, encode
from core.errors import HomageError
from core.media import Picture
from tests.generation.engines.pictures import dots, scene, strokes

HEIGHT, WIDTH = 96, 128


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two styles, a content, and a mask that is white on the left."""
    left = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    left[:, : WIDTH // 2] = 255
    pictures = {
        "warm": strokes(1, height=HEIGHT, width=WIDTH),
        "cool": dots(2, height=HEIGHT, width=WIDTH),
        "photo": scene(height=HEIGHT, width=WIDTH),
        "left": Picture(left),
        "right": Picture(255 - left),
    }
    for name, picture in pictures.items():
        (tmp_path / f"{name}.png").write_bytes(encode.png(picture))
    return tmp_path


def homage(folder: Path, command: str) -> Result:
    """A command line in which a word with a dot names a file in the folder."""
    words = []
    for word in command.split():
        before, _, after = word.rpartition("=")
        words.append(f"{before}{'=' if before else ''}{folder / after}" if after[-4:-3] == "." else word)
    return CliRunner().invoke(app, words)


def done(folder: Path, command: str) -> str:
    ran = homage(folder, command)
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return ran.stdout


def pixels(file: Path) -> NDArray[np.uint8]:
    return decode.picture(file).pixels


def test_composing_makes_a_work_of_the_style_alone_and_replays(folder: Path) -> None:
    said = done(
        folder,
        "compose --style warm.png --kind tile --shape 5:4 --size 64 --seed 7 --takes 2"
        " --out tile.png --map tile.npz --json",
    )
    assert [take["seed"] for take in json.loads(said)] == [7, 8]
    one, two = (pixels(folder / f"tile-{number}.png") for number in (1, 2))
    assert one.shape == two.shape == (52, 64, 3)
    assert (one != two).any()
    done(folder, "replay tile-2.npz --style warm.png --out again.png")
    assert (pixels(folder / "again.png") == two).all()


def test_a_mask_is_painted_and_the_rest_is_the_content(folder: Path) -> None:
    done(folder, f"stylize --style warm.png --content photo.png --mask left.png --size {WIDTH} --out a.png")
    photo, made, middle = pixels(folder / "photo.png"), pixels(folder / "a.png"), WIDTH // 2
    assert (made[:, middle:] == photo[:, middle:]).all()
    assert (made[:, :middle] != photo[:, :middle]).any(-1).mean() > 0.9


def test_a_part_of_a_work_is_painted_anew(folder: Path) -> None:
    given = f"stylize --style warm.png --content photo.png --size {WIDTH}"
    done(folder, f"{given} --out a.png --map a.npz")
    done(folder, f"{given} --rework a.npz --mask right.png --seed 1 --out b.png")
    first, second, middle = pixels(folder / "a.png"), pixels(folder / "b.png"), WIDTH // 2
    assert (second[:, :middle] == first[:, :middle]).all()
    assert (second[:, middle:] != first[:, middle:]).any(-1).mean() > 0.5


def test_a_style_stays_in_its_region(folder: Path) -> None:
    done(
        folder,
        "stylize --style warm.png --style cool.png --region 1=left.png --region 2=right.png"
        f" --content photo.png --size {WIDTH} --out a.png",
    )
    warm = (pixels(folder / "a.png").astype(int) @ (1, 0, -1)).mean(0)
    assert warm[: WIDTH // 2 - 4].min() > 0 > warm[WIDTH // 2 + 4 :].max()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("stylize --style warm.png --content photo.png --out a.png --wished-color red", "--wished-color: "),
        ("stylize --style warm.png --content photo.png --out a.png --rework none.npz", "none.npz"),
        ("stylize --style warm.png --content photo.png --out a.png --rework photo.png --mask left.png", "no whole"),
        ("stylize --style warm.png --content photo.png --out a.png --region 2=left.png", "styles count from 1 to 1"),
        ("stylize --style warm.png --content photo.png --out left.png --mask left.png", "made from"),
        ("stylize --style warm.png --content photo.png --out photo.png --takes 2 --map a.txt", ".npz"),
        ("stylize --style warm.png --content photo.png --out a.png --device gpu", "draws on cpu, cuda or"),
        ("compose --style warm.png --out a.png --device cuda:99", "cannot draw on cuda:99"),
        ("compose --style warm.png --out a.png --kind mosaic", "--kind: Input should be 'variation'"),
        ("compose --style warm.png --out a.png --shape 7:1", "--shape: "),
        ("compose --style warm.png --out a.png --sketch photo.png --colors photo.png", "not both"),
        ("compose --style warm.png --out a.png --weight 1 --weight 2", "1 styles are given and 2 weights"),
    ],
)
def test_what_cannot_be_painted_is_told_in_one_line(folder: Path, command: str, words: str) -> None:
    (folder / "a.png").write_bytes(b"an earlier work")
    ran = homage(folder, command)
    assert isinstance(ran.exception, HomageError), (ran.output, ran.exception)
    assert words in ran.exception.message
    assert "\n" not in ran.exception.message
    assert (folder / "a.png").read_bytes() == b"an earlier work"
