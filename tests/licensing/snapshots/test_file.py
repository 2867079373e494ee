"""A snapshot's file: what was signed and nothing else, whoever made it, cut it, or put it beside another."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from core.errors import Invalid
from core.signatures import LATE, MOST_LETTERS, SNAPSHOT, VERDICT, SignatureRefused, Signer, SignerUnknown
from licensing.snapshots import answers, layout, merkle
from licensing.snapshots import file as files
from licensing.snapshots.file import MAGIC, Opened
from licensing.snapshots.kit import Kit
from licensing.snapshots.layout import BLOCK, SnapshotRefused
from tests.licensing.examples import TERMS
from tests.licensing.snapshots.worlds import NOW, World, sha256, signer

# The reference tree of Certificate Transparency (RFC 6962 and 9162 hash alike): its leaves, and the roots of 0 to 8.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
QUESTION = {"use": "print", "territory": "DE", "at": NOW}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    """A house whose snapshot has three blocks, in `whole`."""
    world = World()
    given = [world.grant(TERMS, 1), world.grant(replace(TERMS, territory="world"), 2, "revoked")]
    for look in range(450):
        world.add(given[look % 3 : look % 3 + 1], look=look)
    world.write(folder / "whole", signer(folder))
    return world


@pytest.fixture(scope="module")
def keys(folder: Path, world: World) -> Signer:
    return signer(folder)


def read(path: Path, keys: Signer) -> list[Any]:
    """All that a kit of this file answers."""
    kit = Kit.open([path], keys.jwks())
    asked = [sha256(f"look {look}") for look in range(0, 450, 90)]
    found = [answers.by_hash(kit, sha256=one, at=NOW) for one in asked]
    return [answers.answer(kit, one, use="print", territory="DE", at=NOW) for one in found]


def test_the_tree_is_the_one_of_certificate_transparency() -> None:
    leaves = [merkle.leaf(bytes.fromhex(leaf)) for leaf in LEAVES]
    assert [merkle.root(b"".join(leaves[:count])).hex() for count in range(9)] == list(ROOTS)


def test_the_same_house_at_the_same_time_gives_the_same_bytes(folder: Path, world: World, keys: Signer) -> None:
    header = world.write(folder / "again", keys)
    assert (folder / "again").read_bytes() == (folder / "whole").read_bytes()
    assert header.blocks == 3
    world.write(folder / "again", keys, at=NOW + timedelta(seconds=1))
    assert (folder / "again").read_bytes() != (folder / "whole").read_bytes()
    assert not list(folder.glob(".part-*"))


def test_no_changed_byte_goes_unseen_nor_changes_an_answer(folder: Path, world: World, keys: Signer) -> None:
    good, expected = (folder / "whole").read_bytes(), read(folder / "whole", keys)
    Opened(folder / "whole", keys.jwks()).check()
    choose, changed = random.Random(1), folder / "changed"
    for place in {0, 8, 11, 12, len(good) - 1, *(choose.randrange(len(good)) for _ in range(80))}:
        data = bytearray(good)
        data[place] ^= choose.randrange(1, 256)
        changed.write_bytes(data)
        with pytest.raises(Invalid):
            Opened(changed, keys.jwks()).check()
        try:
            said = read(changed, keys)
        except Invalid:
            continue
        assert said == expected, place


def test_what_is_cut_or_goes_on_is_refused(folder: Path, world: World, keys: Signer) -> None:
    good, cut = (folder / "whole").read_bytes(), folder / "cut"
    for data in (b"", good[:7], good[:12], good[:200], good[:-1], good[:-BLOCK], good + b"\0", b"x" * 500, good[1:]):
        cut.write_bytes(data)
        with pytest.raises(SnapshotRefused, match="get the snapshot again"):
            Opened(cut, keys.jwks())


@pytest.mark.parametrize("length", [0, 1 << 20, MOST_LETTERS + 1, (1 << 32) - 1])
def test_a_header_of_any_length_makes_no_room_for_itself(folder: Path, keys: Signer, length: int) -> None:
    forged = folder / "forged"
    forged.write_bytes(MAGIC + length.to_bytes(4, "little") + b"x" * 100)
    with pytest.raises(SnapshotRefused, match=r"no snapshot|cut off"):
        Opened(forged, keys.jwks())


def test_even_a_signed_header_must_describe_its_file(folder: Path, world: World, keys: Signer) -> None:
    header = Opened(folder / "whole", keys.jwks()).header
    good, forged = json.loads(header.dumps()), folder / "forged"
    counts = good["sections"]
    changes: list[dict[str, Any]] = [
        {"sections": counts | {"works": count}} for count in (-1, True, 1.0, "9", None, 10**9, 1 << 40, 10**400)
    ]
    changes += [{"at": at} for at in (None, "now", 1e300, -(10**30), 10**30, True)]
    changes += [{"v": 2}, {"block": 1}, {"more": 1}, {"sections": {}}, {"sections": None}, {"not_after": 1 << 40}]
    changes += [{"words": good["words"] | {"uses": ["publish"]}}, {"root": 7}, {"iss": [[[]]]}]
    for change in changes:
        payload = json.dumps({**good, **change}, sort_keys=True, separators=(",", ":")).encode()
        signed = keys.sign(payload, at=NOW).encode()
        forged.write_bytes(MAGIC + len(signed).to_bytes(4, "little") + signed + b"\0" * 5000)
        with pytest.raises(SnapshotRefused):
            Opened(forged, keys.jwks())
    for payload in (b"", b"[]", b"[" * 5000, b"\xff"):
        signed = keys.sign(payload, at=NOW).encode()
        forged.write_bytes(MAGIC + len(signed).to_bytes(4, "little") + signed + b"\0" * 5000)
        with pytest.raises(SnapshotRefused, match="another version"):
            Opened(forged, keys.jwks())


def test_a_strangers_snapshot_is_refused(folder: Path, world: World, keys: Signer) -> None:
    stranger = Signer(folder / "stranger", typ=SNAPSHOT)
    world.write(folder / "theirs", stranger)
    with pytest.raises(SignerUnknown):
        Opened(folder / "theirs", keys.jwks())
    verdicts = Signer(folder / "stranger", typ=VERDICT)
    with pytest.raises(SignatureRefused, match="signs 'homage-verdict"):
        Opened(folder / "theirs", verdicts.jwks())


def test_a_retired_key_signs_no_new_snapshot(folder: Path, world: World) -> None:
    keys = Signer(folder / "rotated", typ=SNAPSHOT)
    keys.current(NOW)
    world.write(folder / "before", keys)
    stolen = Signer(folder / "stolen", typ=SNAPSHOT)
    (folder / "stolen").mkdir()
    (folder / "stolen" / "key-1.json").write_bytes((folder / "rotated" / "key-1.json").read_bytes())
    (folder / "stolen" / "key-1.json").chmod(0o600)
    keys.rotate(NOW)
    world.write(folder / "after", stolen, at=NOW + LATE + timedelta(seconds=1))
    assert Opened(folder / "before", keys.jwks()).header.at == NOW
    with pytest.raises(SnapshotRefused, match="after its key was retired"):
        Opened(folder / "after", keys.jwks())


def test_deltas_follow_in_their_order_or_not_at_all(folder: Path, world: World, keys: Signer) -> None:
    def opened(*names: str) -> Kit:
        return Kit.open([folder / name for name in names], keys.jwks())

    world.write(folder / "first", keys, since=opened("whole"))
    world.change(min(world.licenses), "revoked", "listed")
    world.write(folder / "second", keys, at=NOW + timedelta(days=1), since=opened("whole", "first"))
    world.write(folder / "other", keys, at=NOW + timedelta(days=1))
    assert opened("whole", "first", "second").last.at == NOW + timedelta(days=1)
    for names in (["first"], ["whole", "second"], ["whole", "second", "first"], ["whole", "first", "first"]):
        with pytest.raises(SnapshotRefused, match="give the whole one first"):
            opened(*names)
    for names in (["other", "first"], ["whole", "other"], ["whole", "whole"], ["whole", "first", "whole"]):
        with pytest.raises(SnapshotRefused, match="give the whole one first"):
            opened(*names)
    quiet = [folder / f"quiet {number}" for number in range(4)]
    for number, before in ((0, "whole"), (1, "other")):
        world.write(quiet[number], keys, at=NOW + timedelta(days=2), since=opened(before))
        world.write(quiet[number + 2], keys, at=NOW + timedelta(days=3), since=opened(before, quiet[number].name))
    assert Opened(quiet[2], keys.jwks()).header.root == Opened(quiet[3], keys.jwks()).header.root
    with pytest.raises(SnapshotRefused, match="give the whole one first"):
        opened("whole", "quiet 0", "quiet 3")
    with pytest.raises(SnapshotRefused, match="no snapshot was given"):
        opened()
    backward = replace(opened("whole").last, base=opened("whole").last.digest, at=NOW - timedelta(days=1))
    empty = {**dict.fromkeys(layout.SECTIONS, b"")}
    files.write(folder / "back", replace(backward, counts=dict.fromkeys(empty, 0)), empty, signer=keys)
    with pytest.raises(SnapshotRefused, match="older than the one before"):
        opened("whole", "back")


@pytest.mark.timeout(30)
def test_what_is_no_file_is_refused_and_never_waited_for(folder: Path, keys: Signer) -> None:
    os.mkfifo(folder / "pipe")
    for path in (folder, folder / "pipe", folder / "nowhere"):
        with pytest.raises(SnapshotRefused):
            Opened(path, keys.jwks())
