"""Time stamps: a signature outlasts its certificate where the authority that stamped it is believed."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from attribution import certificates, manifest
from attribution.chain import Chain
from core import encode
from tests.attribution.issuer import Issuer, pem, pem_of
from tests.attribution.made import claim
from tests.fakes import texture

SETUP = """
[tsa]
dir = .
serial = ./serial
signer_cert = ./authority.pem
certs = ./root.pem
signer_key = ./key.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""
LIFE = timedelta(seconds=6)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An authority that stamps by `openssl ts`: its address, and its root."""
    folder, issuer = tmp_path / "authority", Issuer()
    folder.mkdir()
    leaf, key = issuer.leaf("Clock", purposes=["1.3.6.1.5.5.7.3.8"], critical=True)
    for name, text in (
        ("setup", SETUP),
        ("serial", "01"),
        ("authority.pem", pem(leaf)),
        ("root.pem", pem(issuer.middle, issuer.root)),
        ("key.pem", pem_of(key)),
    ):
        (folder / name).write_text(text)

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = ["openssl", "ts", "-reply", "-config", "setup", "-section", "tsa", "-queryfile", "query"]
            subprocess.run([*command, "-out", "reply"], cwd=folder, check=True, capture_output=True)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Stamps)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder / "root.pem"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="an authority of the test's own needs openssl")
def test_a_stamped_signature_outlasts_its_certificate(tmp_path: Path, authority: tuple[str, Path]) -> None:
    address, root = authority
    issuer, now = Issuer(), datetime.now(UTC).replace(microsecond=0)
    leaf, key = issuer.leaf("Short", ends=now + LIFE)
    chain = Chain(tmp_path / "chain", time_authority=address)
    new = certificates.checked(chain=pem(leaf, issuer.middle), key=pem_of(key), root=pem(issuer.root), at=now)
    chain.take(new)
    png = encode.png(texture(1))
    data = manifest.sign(png, claim(), iscc=None, with_source=False, chain=chain)
    assert len(data) - len(png) < 20_000
    path = tmp_path / "stamped.png"
    path.write_bytes(data)
    while datetime.now(UTC) <= now + LIFE + timedelta(seconds=1):
        time.sleep(0.2)

    def state(believing: Path | None) -> tuple[str, str]:
        trust = Chain(chain.folder, time_roots=believing).trust
        found = json.loads(manifest.raw(path, trust))
        return found["state"], found["detail"]

    assert state(root) == ("trusted", "signed here, unchanged since")
    assert state(None)[0] == "untrusted"
    assert "has run out" in state(None)[1]
