"""The local certificate chain that works are signed with: made once, at the first start, and kept in a folder.

A root (kept only to say whom to trust) and a leaf that signs, both P-256, with the extensions that the C2PA certificate
profile asks for (C2PA 2.2, section 14.5). It is trusted by whoever trusts the root's file and by nobody else. The root
signs this one leaf and its key is forgotten: whatever leads to it is ours. So a public issuer's root must not be put in
its place: everyone that issuer ever certified would count as us.
"""

from __future__ import annotations

import os
import secrets
import shutil
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import SYSTEM, Clock
from core.errors import Unavailable

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

ROOT, CERTIFICATES, KEY = "root.pem", "chain.pem", "key.pem"
C2PA_SIGNING = "1.3.6.1.4.1.62558.2.1"  # extended key usage of a C2PA claim signer
YEARS = 20  # without a time-stamping authority a signature is only as lasting as its certificate


class ChainUnusable(Unavailable):
    """The signing chain is damaged or can be read by others."""


class Chain:
    """The chain in a folder; it is made when first used, by one process even if several try."""

    def __init__(self, folder: Path, *, clock: Clock = SYSTEM) -> None:
        self.folder = folder
        self._clock = clock

    @property
    def there(self) -> bool:
        """Whether it has been made: asking about a file makes none."""
        return (self.folder / KEY).exists()

    @property
    def root(self) -> str:
        """The trusted root as PEM. Raises ChainUnusable."""
        return self._files[ROOT]

    @property
    def certificates(self) -> str:
        """Leaf and root as PEM, in the order a signature carries them. Raises ChainUnusable."""
        return self._files[CERTIFICATES]

    @property
    def key(self) -> str:
        """The leaf's private key as PEM (PKCS 8). Raises ChainUnusable."""
        return self._files[KEY]

    @cached_property
    def _files(self) -> dict[str, str]:
        if not (self.folder / KEY).exists():
            _make(self.folder, self._clock.now())
        return {name: _read(self.folder / name) for name in (ROOT, CERTIFICATES, KEY)}


def _read(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise ChainUnusable(f"{path} can be read by others; run: chmod 600 '{path}'")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ChainUnusable(
            f"the signing chain is incomplete: {path} cannot be read; restore the folder from your copy"
        ) from error


def _make(folder: Path, at: datetime) -> None:
    """Make the chain beside its place and move it there whole: of several makers one wins, the others use its chain."""
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        for name, text in _generate(at).items():
            handle = os.open(partial / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        partial.rename(folder)  # fails where a filled folder is, unlike os.replace of a file
    except OSError as error:
        if not (folder / KEY).exists():
            raise ChainUnusable(f"the signing chain cannot be made in {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _generate(at: datetime) -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Homage local root", root_key, root_key, at, None)
    leaf = _certificate("Homage local signer", leaf_key, root_key, at, root)
    pem = serialization.Encoding.PEM
    texts = [certificate.public_bytes(pem).decode() for certificate in (leaf, root)]
    key = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return {ROOT: texts[1], CERTIFICATES: "".join(texts), KEY: key}  # the root's key is forgotten: it signs once


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    signer: EllipticCurvePrivateKey,
    at: datetime,
    issuer: x509.Certificate | None,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Homage"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    is_root = issuer is None
    usages = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=YEARS * 365))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_root,
                key_cert_sign=is_root,
                crl_sign=is_root,
                decipher_only=False,
                **usages,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_root:
        purposes = [ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier(C2PA_SIGNING)]
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        builder = builder.add_extension(above, critical=False)
    return builder.sign(signer, hashes.SHA256())
