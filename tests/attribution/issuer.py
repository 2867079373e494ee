"""A public issuer of certificates as operators have one: a root, an authority below it, and whom it certifies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from attribution.certificates import C2PA_SIGNING

NOW = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)
SIGNS = (C2PA_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string)


def pem(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def pem_of(key: Any, password: bytes | None = None) -> str:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode())


def named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


@dataclass
class Issuer:
    """Root and authority, made at once."""

    root_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    middle_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP384R1()))

    def __post_init__(self) -> None:
        self.root = self._issue("Public Root", self.root_key, ca=True)
        self.middle = self._issue("Public Issuer", self.middle_key, ca=True, by=(self.root, self.root_key))

    def leaf(self, name: str, key: Any = None, **how: Any) -> tuple[x509.Certificate, Any]:
        key = key or ec.generate_private_key(ec.SECP384R1())
        return self._issue(name, key, by=(self.middle, self.middle_key), **how), key

    def _issue(
        self,
        name: str,
        key: Any,
        *,
        by: tuple[x509.Certificate, Any] | None = None,
        ca: bool = False,
        purposes: Sequence[str] = SIGNS,
        begins: datetime = NOW - timedelta(days=2),
        ends: datetime = NOW + YEAR,
        signs: bool = True,
        critical: bool = False,
    ) -> x509.Certificate:
        above, signer = by or (None, key)
        uses = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(above.subject if above is not None else named(name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=signs and not ca, key_cert_sign=ca, crl_sign=ca, decipher_only=False, **uses
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if not ca and purposes:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in purposes]), critical=critical
            )
        return builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())
