"""A house's snapshot, from its database to a machine without a network: sealed works, a revocation, a delta."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.snapshot import folder_of
from attribution import manifest, named, registry
from attribution.claim import Claim
from attribution.models import RecordedClaim, StoredFingerprint
from core import db, encode, ids
from core.clock import SYSTEM, Clock
from core.decode import picture
from core.errors import Invalid
from core.signatures import SNAPSHOT, Signer
from licensing import grounds, licenses
from licensing.models import License
from licensing.snapshots import answers, gathering, writing
from licensing.snapshots.kit import Kit
from tests.app.commands import homage
from tests.creators.studio import AT, Studio
from tests.fakes import texture, within
from tests.licensing import sealed
from tests.licensing.snapshots.test_answers import told
from tests.licensing.test_verdicts import granted

NOW = SYSTEM.now()
QUESTION: dict[str, Any] = {"use": "print", "territory": "DE", "date": dt.date(2026, 5, 1)}
OFF = shutil.which("unshare") and not subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode


@dataclass
class Shop:
    """A house with two works under two licenses, one of them by two of them, and its snapshots."""

    session: Session
    studio: Studio
    rows: list[License]
    works: dict[str, Path]

    @property
    def signer(self) -> Signer:
        return Signer(self.studio.root / "snapshots", typ=SNAPSHOT)

    @property
    def folder(self) -> Path:
        return self.studio.root / "kit"

    def write(self, name: str, *since: str) -> Path:
        tools = sealed._tools(self.studio)
        before = self.open(*since) if since else None
        path = self.folder / name
        facts = {"house": "https://house.example", "trust": tools.chain.trust, "at": NOW}
        writing.write(path, within(self.session), signer=self.signer, since=before, **facts)
        (self.folder / "jwks.json").write_text(json.dumps(self.signer.jwks()))
        return path

    def open(self, *names: str) -> Kit:
        return Kit.open([self.folder / name for name in names], self.signer.jwks())


@pytest.fixture(scope="module")
def opened(untouched: db.Sessions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Made once: sealing takes long."""
    studio = Studio(tmp_path_factory.mktemp("shop"))
    with untouched() as session:
        rows = [granted(session, studio, "Ada Marsh", 1), granted(session, studio, "Ida Lund", 2)]
        files = [sealed.record(session, studio, row, seed=50 + n) for n, row in enumerate(rows)]
        shop = Shop(session, studio, rows, {file.stem: file for file in files})
        shop.write("whole")
        yield shop
        session.rollback()


@pytest.fixture
def shop(opened: Shop) -> Iterator[Shop]:
    """What a test does to it is undone; it is read a row at a time."""
    with mock.patch.object(gathering, "AT_ONCE", 1), opened.session.begin_nested() as point:
        yield opened
        point.rollback()


def agree(shop: Shop, kit: Kit, sha256: str) -> None:
    """Kit and house say the same of what has this hash."""
    finding = named.one(shop.session, "sha256", sha256)
    theirs = grounds.answer(shop.session, finding, **QUESTION, at=NOW)
    mine = answers.answer(kit, answers.by_hash(kit, sha256=sha256, at=NOW), **QUESTION, at=NOW)
    house, kept = told(theirs), told(mine)
    if theirs.standing == "withdrawn":  # the licensor's own words stay at home
        assert [x.code for x in house.pop("reasons")] == [x.code for x in kept.pop("reasons")]
    assert house == kept


def hashes(shop: Shop) -> list[str]:
    """Of every file and everything's samples, and one of nothing."""
    files = shop.session.scalars(select(RecordedClaim.file_sha256))
    samples = shop.session.scalars(select(StoredFingerprint.samples_sha256))
    return [*files, *samples, "0" * 64]


def test_a_houses_snapshot_and_its_delta_say_what_the_house_says(shop: Shop) -> None:
    asked = hashes(shop)
    assert len(asked) == 7
    for sha256 in asked:
        agree(shop, shop.open("whole"), sha256)
    revoked = shop.rows[0]
    licenses.revoke(shop.session, license=revoked.id, by=revoked.licensor, reason="enough", at=AT)
    sealed.record(shop.session, shop.studio, shop.rows[1], seed=60)
    shop.write("delta", "whole")
    kit = shop.open("whole", "delta")
    for sha256 in hashes(shop):
        agree(shop, kit, sha256)
    assert kit.last.counts["works"] == 2
    assert kit.last.counts["files"] == 1
    assert (shop.folder / "delta").stat().st_size < (shop.folder / "whole").stat().st_size + 1000
    shop.write("quiet", "whole", "delta")
    assert {name: n for name, n in shop.open("whole", "delta", "quiet").last.counts.items() if n} == {
        "trust": len(sealed._tools(shop.studio).chain.trust)
    }


def test_of_a_work_on_a_license_that_is_not_here_nothing_is_told(shop: Shop) -> None:
    made = sealed.make(shop.session, shop.studio, shop.rows[0], seed=70)
    lost = replace(made.claim, licenses=(replace(made.claim.licenses[0], license=ids.new("lic")),))
    registry.record(shop.session, replace(made, claim=lost), at=AT)
    shop.write("lost")
    kit = shop.open("lost")
    assert kit.last.counts["works"] == 2
    assert answers.by_hash(kit, sha256=made.sha256, at=NOW).identification == "none"


def verified(shop: Shop, file: Path, *more: str) -> dict[str, Any]:
    kit = ("--offline", shop.folder / "whole")
    done = homage("verify", file, *kit, *more, "--json", HOMAGE_VAR=str(shop.folder / "none"))
    assert done.returncode in (0, 3, 4), done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_file_is_known_by_its_bytes_its_samples_or_its_manifest(shop: Shop) -> None:
    work, file = next(iter(shop.works.items()))
    claim = Claim.read(registry.find(shop.session, work=work).document)
    chain = sealed._tools(shop.studio).chain
    stripped, form, other = (shop.studio.root / name for name in ("stripped.png", "form.jpg", "other.png"))
    stripped.write_bytes(encode.png(picture(file)))
    form.write_bytes(
        manifest.sign(encode.jpeg(picture(file)), claim, iscc=None, with_source=False, chain=chain, kind="image/jpeg")
    )
    other.write_bytes(encode.png(texture(9)))
    use = ("--use", "print", "--territory", "de", "--date", "2026-05-01")
    for asked, identification, layer, payable in (
        (file, "recovered", "hash", True),
        (stripped, "recovered", "samples", True),
        (form, "proven", "manifest", False),
    ):
        said = verified(shop, asked, *use)
        assert (said["identification"], said["permission"], said["work"]) == (identification, "permit", work)
        assert (said["evidence"][0]["layer"], said["payable"]) == (layer, payable)
        assert said["licensors"] == [{"creator": shop.rows[0].licensor, "name": ""}]
    assert verified(shop, other, *use)["standing"] == "unknown"
    data = bytearray(form.read_bytes())
    data[-500] ^= 1
    form.write_bytes(data)
    broken = verified(shop, form, *use)
    assert (broken["standing"], broken["permission"]) == ("unknown", "deny")
    assert "changed since" in broken["evidence"][0]["detail"]


@pytest.mark.skipif(not OFF, reason="needs a network namespace of its own")
def test_it_answers_where_there_is_no_network(shop: Shop) -> None:
    whole, file = shop.folder / "whole", next(iter(shop.works.values()))
    program = ["unshare", "-rn", sys.executable, "-c", "from app.cli import main; main()"]
    question = ["--use", "print", "--territory", "DE", "--date", "2026-05-01"]
    done = subprocess.run(
        [*program, "verify", str(file), "--offline", str(whole), *question],
        capture_output=True,
        text=True,
        env={**os.environ, "HOMAGE_VAR": "/nonexistent"},
    )
    assert done.returncode == 0, done.stderr
    assert "this use: permit" in done.stdout


def test_a_name_without_an_ending_is_a_folder_that_is_made(tmp_path: Path) -> None:
    (tmp_path / "old.d").mkdir()
    (tmp_path / "file").touch()
    assert folder_of(tmp_path / "new" / "kit") == tmp_path / "new" / "kit"
    assert (tmp_path / "new" / "kit").is_dir()
    assert folder_of(tmp_path / "old.d") == tmp_path / "old.d"
    assert folder_of(tmp_path / "file") is None
    assert folder_of(tmp_path / "one.snapshot") is None
    with pytest.raises(Invalid, match="cannot make the folder"):
        folder_of(tmp_path / "file" / "kit")


def test_the_commands_refuse_in_one_line(shop: Shop) -> None:
    whole, file = shop.folder / "whole", next(iter(shop.works.values()))
    good = whole.read_bytes()
    (shop.folder / "bad").write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    (shop.folder / "none.json").write_text('{"keys": []}')
    (shop.studio.root / "alone").write_bytes(good)
    none = {"HOMAGE_VAR": str(shop.folder / "none")}
    for words, command in (
        ("get the snapshot again", ("snapshot", "check", shop.folder / "bad")),
        ("fetch the signer's keys anew", ("snapshot", "check", whole, "--keys", shop.folder / "none.json")),
        ("there are no keys in", ("snapshot", "check", shop.studio.root / "alone")),
        ("there are no keys in", ("verify", file, "--offline", shop.studio.root / "alone")),
        ("give the whole one first", ("verify", file, "--offline", whole, "--delta", whole)),
        ("'steal' is no use", ("verify", file, "--offline", whole, "--use", "steal")),
        ("--offline", ("verify", file, "--delta", whole)),
        ("there is no house", ("snapshot", "export", shop.folder)),
    ):
        done = homage(*command, **none)
        assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, ""), (command, done.stderr)
        assert words in done.stderr
    checked = homage("snapshot", "check", whole, "--json", **none)
    assert json.loads(checked.stdout)["works"] == 2
    late = mock.patch.object(Clock, "now", return_value=NOW + dt.timedelta(days=7))
    with late:
        done = homage("verify", file, "--offline", whole, "--use", "print", **none)
    assert (done.returncode, "this use: deny" in done.stdout, "get today's" in done.stderr) == (3, True, True)
