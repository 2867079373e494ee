"""Signatures: the standards' own examples, keys that outlive their rotation, and whatever forgers try."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from core import signatures
from core.keys import KeyUnusable
from core.signatures import LATE, MOST_LETTERS, VERDICT, SignatureRefused, Signer, SignerUnknown, verified

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
# RFC 8037, appendix A: its key, its payload, and the signature that must come out.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def signer(folder: Path) -> Signer:
    return Signer(folder / "verdicts", typ=VERDICT)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forged(header: dict[str, Any], payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    text = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return f"{text}.{b64(sign(text.encode()))}"


def test_the_standards_key_has_its_name_and_signs_its_example(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    keys.folder.mkdir()
    said = {"v": 1, "since": NOW.isoformat(), "secret": SECRET.hex()}
    (keys.folder / "key-1.json").write_text(json.dumps(said))
    (keys.folder / "key-1.json").chmod(0o600)
    key = keys.current(NOW)
    assert (key.x, key.kid) == (X, THUMBPRINT)
    text, _, signature = JWS.rpartition(".")
    assert b64(key.private.sign(text.encode())) == signature
    assert verified(keys.sign(b"x", at=NOW), keys.jwks(), typ=VERDICT).kid == THUMBPRINT


def test_what_is_signed_is_verified_without_our_code(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    jws = keys.sign(b"the payload", at=NOW)
    head, payload, signature = jws.split(".")
    header = json.loads(unb64(head))
    [jwk] = keys.jwks()["keys"]
    assert header == {"alg": "EdDSA", "kid": jwk["kid"], "typ": VERDICT}
    Ed25519PublicKey.from_public_bytes(unb64(jwk["x"])).verify(unb64(signature), f"{head}.{payload}".encode())
    assert unb64(payload) == verified(jws, keys.jwks(), typ=VERDICT).payload == b"the payload"


def test_the_public_keys_hold_nothing_secret(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    key = keys.current(NOW)
    [jwk] = keys.jwks()["keys"]
    assert jwk == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": b64(key.private.public_key().public_bytes_raw()),
        "kid": signatures.thumbprint(jwk["x"]),
        "use": "sig",
        "alg": "EdDSA",
        "signs": VERDICT,
    }
    assert key.secret.hex() not in repr(key) + json.dumps(jwk)
    assert repr(key.secret) not in repr(key)


def test_asking_makes_no_key_and_signing_makes_one_for_this_user_only(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    assert keys.jwks() == {"keys": []}
    assert not keys.folder.exists()
    keys.sign(b"", at=NOW)
    assert [path.name for path in keys.folder.iterdir()] == ["key-1.json"]
    for path in (keys.folder, *keys.folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_rotation_retires_the_key_before_and_rewrites_nothing(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    before = keys.sign(b"before", at=NOW)
    file = (keys.folder / "key-1.json").read_bytes()
    new = keys.rotate(NOW + timedelta(hours=1))
    after = keys.sign(b"after", at=NOW + timedelta(hours=1))
    assert (keys.folder / "key-1.json").read_bytes() == file
    old, now = keys.jwks()["keys"]
    assert (old["retired_at"], "retired_at" in now) == ("2026-11-29T13:00:00+00:00", False)
    assert verified(before, keys.jwks(), typ=VERDICT).kid == old["kid"] != new.kid
    assert verified(after, keys.jwks(), typ=VERDICT).kid == now["kid"] == new.kid
    with pytest.raises(SignerUnknown, match="fetch the signer's keys anew"):
        verified(after, {"keys": [old]}, typ=VERDICT)


def test_a_retired_key_speaks_for_its_own_time_only(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    jws = keys.sign(b"", at=NOW)
    assert verified(jws, keys.jwks(), typ=VERDICT).signed_in_time(NOW + timedelta(days=9))
    keys.rotate(NOW)
    found = verified(jws, keys.jwks(), typ=VERDICT)
    assert found.signed_in_time(NOW + LATE)
    assert not found.signed_in_time(NOW + LATE + timedelta(seconds=1))


def test_a_rotation_by_another_process_is_noticed_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [100.0]
    monkeypatch.setattr(signatures.time, "monotonic", lambda: seconds[0])
    server, other = signer(tmp_path), signer(tmp_path)
    first = server.current(NOW).kid
    second = other.rotate(NOW).kid
    assert server.current(NOW).kid == first
    seconds[0] += signatures.LOOKED_AGAIN
    assert server.current(NOW).kid == second != first


def test_of_many_that_make_the_first_key_all_use_one(tmp_path: Path) -> None:
    start, found = threading.Barrier(4), list[str]()

    def make() -> None:
        keys = signer(tmp_path)
        start.wait()
        found.append(keys.current(NOW).kid)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, str]:
    keys = signer(tmp_path_factory.mktemp("known"))
    return keys, keys.sign(b'{"standing":"licensed"}', at=NOW)


def test_forgers_get_nowhere(known: tuple[Signer, str]) -> None:
    keys, jws = known
    key = keys.current(NOW)
    head, payload, signature = jws.split(".")
    good, public = json.loads(unb64(head)), unb64(key.x)
    stranger = Ed25519PrivateKey.generate()

    def shared(text: bytes) -> bytes:
        return hmac.digest(public, text, "sha256")

    tries: dict[str, tuple[str, str]] = {
        "no algorithm": (forged({**good, "alg": "none"}, b"{}", lambda _: b""), "only EdDSA"),
        "None": (forged({**good, "alg": None}, b"{}", lambda _: b""), "only EdDSA"),
        "the public key as a secret": (forged({**good, "alg": "HS256"}, b"{}", shared), "only EdDSA"),
        "that, called ours": (forged(good, b"{}", shared), "does not hold"),
        "a stranger under our name": (forged(good, b"{}", stranger.sign), "does not hold"),
        "a key of its own": (forged({**good, "kid": "x", "jwk": {"x": key.x}}, b"{}", stranger.sign), "none of the 1"),
        "a name that is none": (forged({**good, "kid": 7}, b"{}", stranger.sign), "does not hold"),
        "nameless": (forged({"alg": "EdDSA", "typ": VERDICT}, b"{}", key.private.sign), "none of the 1"),
        "of another kind": (forged({**good, "typ": "JWT"}, b"{}", key.private.sign), "is a 'JWT'"),
        "of no kind": (forged({"alg": "EdDSA", "kid": key.kid}, b"{}", key.private.sign), "is a 'None'"),
        "a rule we do not know": (forged({**good, "crit": ["exp"], "exp": 1}, b"{}", key.private.sign), "exp"),
        "a payload elsewhere": (forged({**good, "b64": False, "crit": ["b64"]}, b"", key.private.sign), "does not"),
        "another payload": (f"{head}.{b64(b'{}')}.{signature}", "does not hold"),
        "no signature": (f"{head}.{payload}.", "does not hold"),
        "cut": (jws[:-1], "does not hold"),
        "two parts": (f"{head}.{payload}", "does not hold"),
        "four parts": (f"{jws}.{signature}", "does not hold"),
        "nothing": ("", "does not hold"),
        "half a letter": ("\ud800." + jws, "does not hold"),
        "no JSON": (f"{b64(b'[' * 50_000)}.{payload}.{signature}", "does not hold"),
        "a list": (f"{b64(b'[]')}.{payload}.{signature}", "does not hold"),
        "endless": ("a" * (MOST_LETTERS + 1), "over"),
    }
    for name, (text, words) in tries.items():
        with pytest.raises(SignatureRefused, match=words):
            pytest.fail(f"{name}: {verified(text, keys.jwks(), typ=VERDICT)}")
    assert verified(jws, keys.jwks(), typ=VERDICT).kid == key.kid


@settings(max_examples=60)
@given(st.data())
def test_any_other_letter_is_refused(known: tuple[Signer, str], data: st.DataObject) -> None:
    keys, jws = known
    place = data.draw(st.integers(0, len(jws) - 1))
    letter = data.draw(st.sampled_from("ABYZabyz0189-_.=").filter(lambda letter: letter != jws[place]))
    with pytest.raises(SignatureRefused):
        verified(jws[:place] + letter + jws[place + 1 :], keys.jwks(), typ=VERDICT)


@pytest.mark.parametrize(
    "change",
    [
        {"x": None},
        {"x": "AAAA"},
        {"x": "é"},
        {"kty": "EC"},
        {"crv": "X25519"},
        {"use": "enc"},
        {"d": b64(SECRET)},
        {"signs": "homage-snapshot+jwt"},
        {"retired_at": 7},
        {"retired_at": "soon"},
    ],
    ids=lambda change: "-".join(f"{name}-{hashlib.sha256(str(change).encode()).hexdigest()[:4]}" for name in change),
)
def test_a_key_that_is_no_key_for_this_is_refused(known: tuple[Signer, str], change: dict[str, Any]) -> None:
    keys, jws = known
    [jwk] = keys.jwks()["keys"]
    with pytest.raises(SignatureRefused, match=r"key \S+ (is|signs)"):
        verified(jws, {"keys": [{**jwk, **change}]}, typ=VERDICT)


@pytest.mark.parametrize("jwks", [None, [], {}, {"keys": {}}, {"keys": "x"}], ids=str)
def test_what_is_no_key_set_is_refused(known: tuple[Signer, str], jwks: object) -> None:
    with pytest.raises(SignatureRefused, match="JWK set"):
        verified(known[1], jwks, typ=VERDICT)
    with pytest.raises(SignerUnknown):
        verified(known[1], {"keys": [None, [], {}, {"kid": []}]}, typ=VERDICT)


def test_what_lies_in_the_folder_is_not_believed_blindly(tmp_path: Path) -> None:
    keys = signer(tmp_path)
    keys.rotate(NOW)
    keys.rotate(NOW)
    first = keys.folder / "key-1.json"
    good = first.read_text()
    for text in ("", "{}", "[]", '{"v": 1, "since": "soon", "secret": "00"}', good.replace('"v": 1', '"v": 2'), "\x00"):
        first.write_text(text)
        with pytest.raises(KeyUnusable, match="restore it"):
            signer(tmp_path).keys()
    first.write_text(good)
    first.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        signer(tmp_path).keys()
    first.unlink()
    with pytest.raises(KeyUnusable, match=r"no key-1\.json"):
        signer(tmp_path).keys()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "verdicts").write_text("a file where the folder should be")
    with pytest.raises(KeyUnusable, match="check its"):
        signer(tmp_path).sign(b"", at=NOW)
