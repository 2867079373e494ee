"""An operator's certificate: what is refused, what signs from then on, and that only our own leaves speak for us."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from attribution import certificates, manifest
from attribution.certificates import CertificateRefused, Credentials
from attribution.chain import Chain, ChainUnusable
from core import encode
from core.clock import FrozenClock
from tests.app.commands import homage
from tests.attribution.issuer import NOW, YEAR, Issuer, pem, pem_of
from tests.attribution.made import claim
from tests.fakes import texture

PNG = encode.png(texture(1, height=40, width=40))
ISSUER = Issuer()


def imported(name: str = "The House", key: Any = None, **how: Any) -> Credentials:
    leaf, key = ISSUER.leaf(name, key, **how)
    return certificates.checked(chain=pem(leaf, ISSUER.middle), key=pem_of(key), root=pem(ISSUER.root), at=NOW)


def sign(chain: Chain) -> bytes:
    return manifest.sign(PNG, claim(), iscc=None, with_source=False, chain=chain)


def state(folder: Path, data: bytes, chain: Chain) -> tuple[str, str]:
    path = folder / "file"
    path.write_bytes(data)
    found = json.loads(manifest.raw(path, chain.trust))  # the child's side, here
    return found["state"], found["detail"]


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()])
def test_an_imported_certificate_signs_and_what_was_signed_before_is_believed(tmp_path: Path, key: Any) -> None:
    chain = Chain(tmp_path / "chain")
    before = sign(chain)
    new = imported(key=key)
    manifest.tried(new, chain)
    chain.take(new)
    after, elsewhere = sign(chain), Chain(chain.folder)
    assert chain.certificates == new.certificates
    for data in (before, after):
        assert state(tmp_path, data, elsewhere) == ("trusted", "signed here, unchanged since")
    assert [(one.name == "", one.signs) for one in elsewhere.kept()] == [(True, False), (False, True)]
    files = [path for path in chain.folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert len(files) == 7  # two chains of three files, and which of them signs


def test_whoever_else_the_public_issuer_certified_is_a_stranger(tmp_path: Path) -> None:
    ours, theirs = Chain(tmp_path / "ours"), Chain(tmp_path / "theirs")
    ours.take(imported())
    theirs.take(imported())
    assert ours.root == theirs.root
    assert state(tmp_path, sign(theirs), theirs)[0] == "trusted"
    assert state(tmp_path, sign(theirs), ours) == ("untrusted", "signed by somebody else")


def test_going_back_to_an_earlier_certificate(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "chain")
    own = chain.usable()
    first, second = imported(), imported()
    for new in (first, second, first):
        chain.take(new)
    assert chain.key == first.key
    again = certificates.checked(chain=own.certificates, key=own.key, root=None, at=NOW)
    assert again.root == own.root
    chain.take(again)
    assert [one.credentials.fingerprint for one in chain.kept() if one.signs] == [own.fingerprint]


LEAF, KEY = ISSUER.leaf("A House")
OLD, OLD_KEY = ISSUER.leaf("Old", begins=NOW - 2 * YEAR, ends=NOW - timedelta(days=1))
NO_PURPOSE, NO_PURPOSE_KEY = ISSUER.leaf("Web", purposes=["1.3.6.1.5.5.7.3.1"])
NO_SIGNER, NO_SIGNER_KEY = ISSUER.leaf("Mute", signs=False)
RSA, RSA_KEY = ISSUER.leaf("Rsa", rsa.generate_private_key(public_exponent=65537, key_size=1024))
OTHER = Issuer()
ROOT, MIDDLE = pem(ISSUER.root), pem(ISSUER.middle)


@pytest.mark.parametrize(
    ("chain", "key", "root", "words"),
    [
        ("nothing", pem_of(KEY), ROOT, "no certificates in PEM form"),
        (pem(LEAF) + MIDDLE, "nothing", ROOT, "no private key in PEM form"),
        (pem(LEAF) + MIDDLE, pem_of(KEY, b"secret"), ROOT, "openssl pkey"),
        (pem(LEAF) + MIDDLE, pem_of(OLD_KEY), ROOT, "belongs to none of these"),
        (MIDDLE + pem(LEAF), pem_of(KEY), ROOT, "put the key's own certificate first"),
        (pem(LEAF), pem_of(KEY), ROOT, "was not issued by"),
        (pem(LEAF) + MIDDLE, pem_of(KEY), None, "--root ROOT.pem"),
        (pem(LEAF) + MIDDLE, pem_of(KEY), pem(OTHER.root), "was not issued by"),
        (pem(OLD) + MIDDLE, pem_of(OLD_KEY), ROOT, "not today"),
        (pem(NO_PURPOSE) + MIDDLE, pem_of(NO_PURPOSE_KEY), ROOT, "names none of the purposes"),
        (pem(NO_SIGNER) + MIDDLE, pem_of(NO_SIGNER_KEY), ROOT, "may not sign"),
        (MIDDLE, pem_of(ISSUER.middle_key), ROOT, "is an authority's"),
        (ROOT, pem_of(ISSUER.root_key), None, "is an authority's"),
        (pem(RSA) + MIDDLE, pem_of(RSA_KEY), ROOT, "P-256, P-384, P-521 or Ed25519"),
    ],
)
def test_what_cannot_sign_is_refused_with_what_to_do(chain: str, key: str, root: str | None, words: str) -> None:
    with pytest.raises(CertificateRefused, match=words):
        certificates.checked(chain=chain, key=key, root=root, at=NOW)


def test_a_certificate_that_ran_out_signs_no_more_and_is_told_apart(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "chain", clock=FrozenClock(NOW + 2 * YEAR))
    chain.take(imported())
    with pytest.raises(ChainUnusable, match="homage keys import"):
        sign(chain)
    assert sign(Chain(chain.folder))


def test_the_commands_import_and_list(tmp_path: Path) -> None:
    house = {"HOMAGE_VAR": str(tmp_path / "var")}
    assert homage("keys", "list", **house).stdout.startswith("there is no certificate yet")
    leaf, key = ISSUER.leaf("The House")
    names = ("chain", "key", "root")
    for name, text in zip(names, (pem(leaf, ISSUER.middle), pem_of(key), ROOT), strict=True):
        (tmp_path / f"{name}.pem").write_text(text)
    files = [tmp_path / f"{name}.pem" for name in names]
    refused = homage("keys", "import", files[0], files[1], **house)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    done = homage("keys", "import", files[0], files[1], "--root", files[2], **house)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("signs ")
    assert "The House" in homage("keys", "list", **house).stdout
    assert '"signs": true' in homage("keys", "list", "--json", **house).stdout
    assert homage("keys", "import", tmp_path / "none", files[1], **house).returncode == 1
