"""The main job as a stranger runs it: the first `homage up` in an empty folder, then what a platform would ask.

In the short form the artists have painted before: half as much, at a third of the size, in a twentieth of the time.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from app import settings
from app.crew import listen
from app.demo import cast, run, strokes, woodcut
from app.house import House
from core import db, decode, decode_sound, encode
from core.postgres import EmbeddedPostgres
from creators import assets
from creators.models import Creator, Style
from generation import starters
from generation.models import Work
from licensing import licenses
from tests.app.commands import homage

HOMAGE = Path(sys.executable).parent / "homage"
pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Ran:
    """A house in which the main job ran, and what it printed."""

    var: Path
    printed: str

    def homage(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return homage(*arguments, HOMAGE_VAR=str(self.var))

    def verify(self, file: Path, *options: str) -> tuple[int, dict[str, Any]]:
        done = self.homage("verify", file, "--json", *options)
        assert done.returncode in (0, 3, 4), done.stderr
        return done.returncode, json.loads(done.stdout)

    @property
    def demo(self) -> Path:
        return self.var / "demo"

    @property
    def receipt(self) -> dict[str, Any]:
        return json.loads((self.demo / "receipt.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture(scope="module", params=["painted", pytest.param("empty", marks=pytest.mark.slow)])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    var = tmp_path_factory.mktemp("a stranger's var")
    if request.param == "painted":
        paint(var)
    printed = first_start(var)
    with EmbeddedPostgres(var / "postgres"):  # it ends with its last user: no question below need start it again
        yield Ran(var, printed)


def paint(var: Path) -> None:
    """What the artists of the demo paint when they are first asked: half as many, at a third of the size."""
    with pytest.MonkeyPatch.context() as patched, House(settings.load(var=var)) as house:
        patched.setattr(cast, "SIZE", cast.SIZE // 3)
        patched.setattr(cast, "TAKE_SECONDS", cast.TAKE_SECONDS / 4)
        for artist in cast.ARTISTS:
            cast.engage(house, replace(artist, titles=artist.titles[:3]), report=lambda *_: None)


def first_start(var: Path) -> str:
    """What `homage up` prints in an empty folder until it serves; it is ended then."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "HOMAGE_VAR": str(var)}
    command = [str(HOMAGE), "up", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            printed = list(itertools.takewhile(lambda line: "Homage is at" not in line, process.stdout))
        finally:
            process.terminate()
        process.stdout.read()
    assert process.returncode == 0, "".join(printed)
    return "".join(printed)


def export(ran: Ran, artist: str) -> Path:
    """A folder with an artist's registered works, as they are kept."""
    folder = ran.var / artist
    folder.mkdir()
    with House(settings.load(var=ran.var)) as house, db.unit(house.sessions) as session:
        style = session.scalars(select(Style).join(Creator).where(Creator.name == artist)).one()
        for asset in assets.live(session, style=style.id):
            suffix = "png" if asset.width is not None else "flac"
            kept = assets.file(asset, blobs=house.blobs, keys=house.keys)
            (folder / f"{asset.title}.{suffix}").write_bytes(kept)
    return folder


def test_the_receipt_says_who_got_what_and_sums_to_the_price(ran: Ran) -> None:
    receipt = ran.receipt
    assert sum(line["amount"] for line in receipt["lines"]) == receipt["price"]["amount"] == cast.PRICE.amount
    assert {line["role"] for line in receipt["lines"]} == {"compute", "platform", "licensor"}
    assert receipt["price"]["asset"] == "USD/6"
    assert receipt["verdict"]["standing"] == "licensed"
    for name in receipt["files"].values():
        assert (ran.demo / name).stat().st_size > 0


def test_it_is_printed_for_people(ran: Ran) -> None:
    for words in (ran.receipt["work"], "5.00 USD", "12.34 USD", "licensor", "fan", "Mara Lindqvist"):
        assert words in ran.printed


def test_the_work_itself_is_licensed_and_unchanged(ran: Ran) -> None:
    code, verdict = ran.verify(ran.demo / "work.png")
    assert (code, verdict["standing"], verdict["work"]) == (0, "licensed", ran.receipt["work"])
    assert [licensor["name"] for licensor in verdict["licensors"]] == ["Mara Lindqvist"]
    assert sum(share["share"] for share in verdict["shares"]) == 1_000_000
    assert not verdict["changed"]


@pytest.mark.parametrize(
    ("use", "options", "permission"),
    [
        ("publish", (), "permit"),
        ("sell", ("--territory", "DE", "--date", "2027-01-01"), "needs-report"),
        ("train", (), "deny"),
        ("publish", ("--date", "2049-01-01"), "deny"),
    ],
)
def test_the_permission_is_for_this_use(ran: Ran, use: str, options: tuple[str, ...], permission: str) -> None:
    _, verdict = ran.verify(ran.demo / "work.png", "--use", use, *options)
    assert verdict["permission"] == permission
    assert (permission == "permit") == (not verdict["reasons"])


def test_a_copy_at_half_size_as_jpeg_60_is_still_found(ran: Ran) -> None:
    code, verdict = ran.verify(ran.demo / "work-half-size.jpg")
    assert (code, verdict["work"]) == (0, ran.receipt["work"])
    assert ran.verify(ran.demo / "work-half-size.jpg", "--deep") == (code, verdict)
    assert verdict["changed"]
    assert verdict["confidence"] >= 0.9


def test_the_photograph_an_unrelated_one_and_another_artists_work_from_it_are_not_named(ran: Ran) -> None:
    photo, flower = starters.path("china"), starters.path("flower")
    resaved = ran.var / "photo-half-size.jpg"
    picture = decode.picture(photo)
    resaved.write_bytes(encode.jpeg(encode.resize(picture, picture.width // 2), quality=60))
    other = ran.var / "other-artist.png"
    style = export(ran, woodcut.ARTIST)
    done = ran.homage("stylize", "--style", style, "--content", photo, "--out", other, "--size", "384", "--seed", "7")
    assert done.returncode == 0, done.stderr
    for file in (photo, resaved, flower, other):
        code, verdict = ran.verify(file)
        assert (code, verdict["standing"], verdict["payable"]) == (3, "unknown", False), file.name
        assert file == other or verdict["work"] is None, file.name
        assert verdict["confidence"] < 0.9, "composed alike is all that can be said of it"


def test_replay_from_the_map_gives_the_work_without_its_mark(ran: Ran) -> None:
    style = export(ran, strokes.ARTIST)
    again = ran.var / "again.png"
    done = ran.homage("replay", ran.demo / "map.npz", "--style", style, "--out", again)
    assert done.returncode == 0, done.stderr
    off = decode.picture(again).pixels.astype(float) - decode.picture(ran.demo / "work.png").pixels
    assert 0 < np.sqrt((off**2).mean()) < 2.03, "42 dB, which is what the mark takes"


def test_the_sung_line_is_licensed_in_its_singers_voice_and_replayed_but_for_its_mark(ran: Ran) -> None:
    code, verdict = ran.verify(ran.demo / "song.flac", "--use", "sell")
    assert (code, verdict["standing"], verdict["permission"]) == (0, "licensed", "needs-report")
    assert [licensor["name"] for licensor in verdict["licensors"]] == [cast.SINGER]
    again = ran.var / "again.flac"
    files = ("--voice", export(ran, cast.SINGER), "--content", starters.path("line"), "--out", again)
    done = ran.homage("replay", ran.demo / "song.map", *files)
    assert done.returncode == 0, done.stderr
    heard, sealed = decode_sound.sound(again).samples, decode_sound.sound(ran.demo / "song.flac").samples
    assert 0 < np.square(heard - sealed).mean() < 0.01 * np.square(heard).mean(), "the mark lies 20 dB below and more"


def test_every_unit_is_recomputed(ran: Ran) -> None:
    done = ran.homage("audit")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_artists_statement_keeps_fees_and_income_apart(ran: Ran) -> None:
    creator = ran.receipt["verdict"]["licensors"][0]["creator"]
    statement = json.loads(ran.homage("statement", creator, "--json").stdout)
    assert statement["totals"]["fee"] == 4_233_000
    assert statement["totals"]["exploitation"] == 6_170_000


def test_it_runs_twice(ran: Ran) -> None:
    first = ran.receipt["work"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "SIZE", 256)
        done = ran.homage("demo")
    assert done.returncode == 0, done.stderr
    assert ran.receipt["work"] != first


def test_after_revocation_the_work_is_withdrawn(ran: Ran) -> None:
    with House(settings.load(var=ran.var)) as house, db.unit(house.sessions) as session:
        work = session.get_one(Work, ran.receipt["work"])
        license = licenses.get(session, license=work.grants[0].license)
        licenses.revoke(
            session, license=license.id, by=license.licensor, reason="I changed my mind", at=house.clock.now()
        )
    for name in ("work.png", "work-half-size.jpg"):
        code, verdict = ran.verify(ran.demo / name, "--use", "publish")
        assert (code, verdict["standing"], verdict["permission"]) == (4, "withdrawn", "deny")
