"""Signed verdicts that somebody presents: what counts, for how long, and who may have signed it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import canonical
from core.clock import SYSTEM
from core.signatures import LATE, SNAPSHOT, VERDICT, SignatureRefused, Signer
from licensing import presented
from licensing.presented import LIFETIME, SKEW
from tests.app.commands import homage

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = int(LIFETIME.total_seconds())


def payload(at: datetime = NOW, **changed: Any) -> bytes:
    said = {
        "iss": "https://house.example",
        "iat": int(at.timestamp()),
        "exp": int(at.timestamp()) + DAY,
        "jti": "one",
        "standing": "licensed",
        "identification": "proven",
        "permission": "deny",
        "reasons": [{"code": "use", "clause": "uses", "license": "lic_1", "text": "the license covers publish"}],
        "subject": {"by": "file", "sha256": "9f86d0"},
        "work": "wrk_1",
        "nonce": "order-17",
        "asked": {"use": "sell", "territory": "DE", "medium": None},
    }
    return canonical.dumps({**said, **changed})


@pytest.fixture
def keys(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "var" / "verdicts", typ=VERDICT)


def test_a_verdict_counts_for_its_24_hours(keys: Signer) -> None:
    jws = keys.sign(payload(), at=NOW)
    for at, expired in ((NOW - SKEW, False), (NOW + LIFETIME - timedelta(seconds=1), False), (NOW + LIFETIME, True)):
        found = presented.read(jws, keys.jwks(), at=at)
        assert (found.expired, found.issued_at, found.verdict["work"]) == (expired, NOW, "wrk_1")
    with pytest.raises(SignatureRefused, match="check the clock"):
        presented.read(jws, keys.jwks(), at=NOW - SKEW - timedelta(seconds=1))


def test_a_retired_key_speaks_for_what_it_signed_before(keys: Signer) -> None:
    before = keys.sign(payload(), at=NOW)
    late = keys.sign(payload(NOW + LATE + timedelta(seconds=1)), at=NOW)
    old = keys.current(NOW)
    keys.rotate(NOW)
    found = presented.read(before, keys.jwks(), at=NOW + timedelta(hours=1))
    assert (found.kid, found.retired_at, found.expired) == (old.kid, NOW, False)
    with pytest.raises(SignatureRefused, match="after its key was retired"):
        presented.read(late, keys.jwks(), at=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"[" * 9000,
        b"\xff",
        payload(iat=None),
        payload(exp="soon"),
        payload(iat=True),
        payload(exp=1 << 70),
        payload(iat=-1),
        payload(exp=int(NOW.timestamp()) + DAY + 1),
        payload(exp=int(NOW.timestamp())),
    ],
    ids=range(11),
)
def test_what_is_no_verdict_is_refused_though_it_is_signed(keys: Signer, said: bytes) -> None:
    jws = keys.sign(said, at=NOW)
    with pytest.raises(SignatureRefused, match="verdict"):
        presented.read(jws, keys.jwks(), at=NOW)


def test_a_snapshots_key_signs_no_verdict(tmp_path: Path) -> None:
    others = Signer(tmp_path / "snapshots", typ=SNAPSHOT)
    others.current(NOW)
    renamed = Signer(others.folder, typ=VERDICT).sign(payload(), at=NOW)
    with pytest.raises(SignatureRefused, match="signs 'homage-snapshot"):
        presented.read(renamed, others.jwks(), at=NOW)


def test_the_command_says_whether_it_holds(keys: Signer, tmp_path: Path) -> None:
    file, jwks, var = tmp_path / "v.jws", tmp_path / "jwks.json", str(tmp_path / "var")
    file.write_text(keys.sign(payload(), at=NOW) + "\n")
    jwks.write_text(json.dumps(keys.jwks()))
    for given in ({"HOMAGE_VAR": var}, {"HOMAGE_VAR": str(tmp_path / "none")}):
        more = ("--keys", jwks) if "none" in given["HOMAGE_VAR"] else ()
        done = homage("verdict", "check", file, "--at", "2026-11-29T13:00Z", *more, **given)
        assert done.returncode == 0, done.stderr
        for words in ("licensed, identified as proven", "use: deny", "because the license covers", "signature holds"):
            assert words in done.stdout
        assert {"subject   by file, sha256 9f86d0", "nonce     order-17"} <= set(done.stdout.splitlines())
    late = homage("verdict", "check", file, "--at", "2026-11-30 12:00", HOMAGE_VAR=var)
    assert (late.returncode, "its time was over at 2026-11-30" in late.stdout) == (4, True)
    asked = homage("verdict", "check", file, "--at", "2026-11-29T13:00", "--json", HOMAGE_VAR=var)
    assert json.loads(asked.stdout)["verdict"]["asked"]["use"] == "sell"


def test_the_command_refuses_in_one_line(keys: Signer, tmp_path: Path) -> None:
    jws, var = keys.sign(payload(), at=NOW), str(tmp_path / "var")
    other = Signer(tmp_path / "others", typ=VERDICT)
    other.current(NOW)
    for name, text in {
        "good": jws,
        "bad": jws[:-8] + "AAAAAAAA",
        "none": '{"keys": []}',
        "other": json.dumps(other.jwks()),
        "torn": '{"keys"',
        "deep": "[" * 9000,
        "large": " " * (2 << 20),
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "bytes").write_bytes(b"\xff")
    at = ("--at", "2026-11-29T13:00Z")
    for file, more in (
        ("bad", at),
        ("bytes", at),
        ("large", at),
        ("missing", at),
        (".", at),
        ("good", ("--at", "soon")),
        *(("good", (*at, "--keys", tmp_path / name)) for name in ("none", "other", "torn", "deep", "large", "nowhere")),
    ):
        done = homage("verdict", "check", tmp_path / file, *more, HOMAGE_VAR=var)
        assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, ""), (file, more, done.stderr)


def test_the_commands_rotate_and_list(tmp_path: Path) -> None:
    var = tmp_path / "var"
    house = {"HOMAGE_VAR": str(var), "HOMAGE_DATABASE__URL": "postgresql://127.0.0.1:1/none"}
    for purpose in ("verdicts", "snapshots", "verdicts"):
        done = homage("keys", "rotate", purpose, **house)
        assert done.returncode == 0, done.stderr
        assert f"keep a copy of var/{purpose}" in done.stdout
    told = json.loads(homage("keys", "list", "--json", **house).stdout)
    assert [key["signs"] for key in told["verdicts"]] == [False, True]
    assert [key["signs"] for key in told["snapshots"]] == [True]
    lines = homage("keys", "list", **house).stdout
    assert all(key["kid"] in lines for key in (*told["verdicts"], *told["snapshots"]))
    assert not any(file.read_text() in lines for file in var.rglob("key-*.json"))


def test_the_example_checks_a_verdict_without_our_code(keys: Signer, tmp_path: Path) -> None:
    now = SYSTEM.now()
    good = keys.sign(payload(now), at=now)
    head, _, signature = good.split(".")
    (tmp_path / "good").write_text(good)
    (tmp_path / "old").write_text(keys.sign(payload(now - LIFETIME), at=now))
    (tmp_path / "forged").write_text(
        f"{head}.{keys.sign(payload(now, work='wrk_2'), at=now).split('.')[1]}.{signature}"
    )
    keys.rotate(now - timedelta(minutes=2))
    (tmp_path / "late").write_text(good)
    first, both = tmp_path / "first.json", tmp_path / "jwks.json"
    both.write_text(json.dumps(keys.jwks()))
    first.write_text(json.dumps({"keys": [{k: v for k, v in keys.jwks()["keys"][0].items() if k != "retired_at"}]}))
    none = tmp_path / "none.json"
    none.write_text('{"keys": []}')
    (tmp_path / "made-up").write_text(keys.sign(payload(now, sandbox=True), at=now))
    example = ROOT / "examples" / "check_verdict.py"
    assert len(example.read_text().splitlines()) <= 40
    for name, jwks, words in (
        ("good", first, ""),
        ("made-up", both, "refused: it is of the sandbox"),
        ("old", first, "refused: its 24 hours are over"),
        ("forged", first, "refused: InvalidSignature"),
        ("late", both, "refused: signed in the future"),
        ("good", none, "refused: signed by none of these keys"),
    ):
        done = subprocess.run(  # optimized, as some run everything: no check may be an assertion
            [sys.executable, "-IO", str(example), str(tmp_path / name), str(jwks)], capture_output=True, text=True
        )
        refused = words.startswith("refused")
        assert (done.returncode, '"standing": "licensed"' in done.stdout) == (refused, not refused), (name, done.stderr)
        assert done.stderr.startswith(words) if words else not done.stderr, done.stderr
