"""The signing chain: made once even by several at once, readable by nobody else, with the extensions C2PA asks for."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from attribution.certificates import C2PA_SIGNING
from attribution.chain import Chain, ChainUnusable
from core.clock import FrozenClock


def test_the_chain_is_made_once_and_kept(tmp_path: Path) -> None:
    first, second = Chain(tmp_path / "var" / "chain"), Chain(tmp_path / "var" / "chain")
    assert (first.root, first.certificates, first.key) == (second.root, second.certificates, second.key)
    assert first.root != Chain(tmp_path / "other").root


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "chain")
    assert chain.key
    assert chain.folder.stat().st_mode & 0o777 == 0o700
    files = list(chain.folder.iterdir())
    assert {file.name for file in files} == {"root.pem", "chain.pem", "key.pem"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert [path.name for path in tmp_path.iterdir()] == ["chain"]


def test_the_leaf_signs_and_is_no_authority(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    chain = Chain(tmp_path / "chain", clock=FrozenClock(at))
    leaf, root = x509.load_pem_x509_certificates(chain.certificates.encode())
    assert root.public_bytes(serialization.Encoding.PEM).decode() == chain.root
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is True
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.digital_signature, usage.value.key_cert_sign) == (True, True, False)
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [x.dotted_string for x in purposes] == [ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string, C2PA_SIGNING]
    assert leaf.not_valid_before_utc < at < at + timedelta(days=365) < leaf.not_valid_after_utc
    key = serialization.load_pem_private_key(chain.key.encode(), None)
    assert key.public_key() == leaf.public_key()


def test_of_threads_that_make_it_at_once_all_use_one(tmp_path: Path) -> None:
    together, roots = threading.Barrier(6), []

    def make() -> None:
        chain = Chain(tmp_path / "chain")
        together.wait(timeout=20)
        roots.append((chain.root, chain.certificates, chain.key))

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(roots) == 6
    assert len(set(roots)) == 1


def test_of_processes_that_make_it_at_once_all_use_one(tmp_path: Path) -> None:
    script = (
        "import sys; from attribution.chain import Chain; from pathlib import Path; print(Chain(Path(sys.argv[1])).key)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "chain")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    keys = {process.communicate(timeout=60)[0] for process in processes}
    assert keys == {Chain(tmp_path / "chain").key + "\n"}


def test_an_unusable_chain_says_what_to_do(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "chain")
    (chain.folder.parent / "chain").mkdir()
    (chain.folder / "stray").touch()
    with pytest.raises(ChainUnusable, match="cannot be made"):
        _ = chain.key
    (chain.folder / "stray").unlink()
    assert chain.key
    (chain.folder / "key.pem").chmod(0o644)
    with pytest.raises(ChainUnusable, match="chmod 600"):
        _ = Chain(chain.folder).key
    (chain.folder / "key.pem").chmod(0o600)
    (chain.folder / "root.pem").unlink()
    with pytest.raises(ChainUnusable, match=r"root\.pem cannot be read"):
        _ = Chain(chain.folder).root
