"""Certificates that works are signed with: the local chain as it is made, and an operator's as it is checked.

The profile is C2PA's (C2PA 2.2, section 14.5): a leaf that is no authority, may sign, and names one of the purposes
that readers accept; above it the authorities up to a root, which says whom to trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from core.errors import Invalid

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

C2PA_SIGNING = "1.3.6.1.4.1.62558.2.1"  # extended key usage of a C2PA claim signer
DOCUMENT_SIGNING, EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4"
PURPOSES = (C2PA_SIGNING, DOCUMENT_SIGNING, EMAIL_PROTECTION)
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
YEARS = 20  # without a time-stamping authority a signature is only as lasting as its certificate


class CertificateRefused(Invalid):
    """A certificate, its chain or its key cannot sign works."""


@dataclass(frozen=True)
class Credentials:
    """What signs, as PEM. `certificates`: the leaf, then whoever issued it, and so on; `key`: the leaf's, PKCS 8."""

    root: str
    certificates: str
    key: str

    @cached_property
    def leaf(self) -> x509.Certificate:
        from cryptography import x509

        return x509.load_pem_x509_certificates(self.certificates.encode())[0]

    @property
    def identity(self) -> str:
        """The leaf among all that its issuers ever made: serial number and validity, as readers tell them."""
        leaf = self.leaf
        begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
        return identity(f"{leaf.serial_number:x}", begin.isoformat(), end.isoformat())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the leaf, in hex."""
        from cryptography.hazmat.primitives import hashes

        return self.leaf.fingerprint(hashes.SHA256()).hex()

    @cached_property
    def algorithm(self) -> str:
        """C2PA's name of what the key signs by."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        return _algorithm(load_pem_private_key(self.key.encode(), None))


def identity(serial: str, begin: str, end: str) -> str:
    """`serial` in hex, the times as ISO 8601."""
    return f"{int(serial, 16):x} {begin} {end}"


def checked(*, chain: str, key: str, root: str | None, at: datetime) -> Credentials:
    """An operator's chain and key (PEM), fit to sign at this time. `root`: whom it leads to, if the chain ends below.

    Raises CertificateRefused, saying what to do about it.
    """
    from cryptography.hazmat.primitives import serialization

    certificates, private = _parsed(chain, "the chain"), _key(key)
    _fit(certificates[0], certificates, private)
    top = _parsed(root, "the root")[-1] if root is not None else certificates[-1]
    if top.issuer != top.subject:
        raise CertificateRefused(
            "the chain ends below its root; give the root certificate of its issuer too: --root ROOT.pem"
        )
    below = [one for one in certificates if one != top]
    if not below:
        raise CertificateRefused(
            "a certificate that issued itself is nobody's word; leave the house's own one in use, or take one from an"
            " issuer"
        )
    _ordered([*below, top])
    for one in (*below, top):
        _valid(one, at)
    pem = serialization.Encoding.PEM
    return Credentials(
        root=top.public_bytes(pem).decode(),
        certificates="".join(one.public_bytes(pem).decode() for one in below),
        key=private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
    )


def _parsed(text: str, what: str) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise CertificateRefused(f"{what} holds no certificates in PEM form ({error}); check the file") from error


def _key(text: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
    except TypeError:
        raise CertificateRefused(
            "the key is encrypted; decrypt it first: openssl pkey -in KEY.pem -out PLAIN.pem"
        ) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateRefused(f"the key is no private key in PEM form ({error}); check the file") from error
    _algorithm(key)
    return key


def _algorithm(key: PrivateKeyTypes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if isinstance(key, Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    raise CertificateRefused("works are signed by keys of P-256, P-384, P-521 or Ed25519; ask the issuer for one")


def _fit(leaf: x509.Certificate, chain: Sequence[x509.Certificate], key: PrivateKeyTypes) -> None:
    """Raises CertificateRefused unless the leaf is this key's and may sign."""
    public = key.public_key()
    if leaf.public_key() != public:
        if any(one.public_key() == public for one in chain):
            raise CertificateRefused("the chain is out of order; put the key's own certificate first, its issuer next")
        raise CertificateRefused("the key belongs to none of these certificates; give the key of the first one")
    faults = list(_unfit(leaf))
    if faults:
        raise CertificateRefused(f"the certificate {'; '.join(faults)}; ask the issuer for one that signs C2PA claims")


def _unfit(leaf: x509.Certificate) -> Iterator[str]:
    from cryptography import x509

    extensions = leaf.extensions
    try:
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            yield "is an authority's"
    except x509.ExtensionNotFound:
        pass  # then it is none
    try:
        if not extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            yield "may not sign"
    except x509.ExtensionNotFound:
        yield "does not say that it may sign"
    try:
        purposes = {one.dotted_string for one in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value}
    except x509.ExtensionNotFound:
        purposes = set()
    if not purposes & set(PURPOSES):
        yield f"names none of the purposes (extended key usage) {', '.join(PURPOSES)}"


def _ordered(chain: Sequence[x509.Certificate]) -> None:
    from cryptography.exceptions import InvalidSignature

    for below, above in pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature):
            raise CertificateRefused(
                f"{_name(below)} was not issued by {_name(above)}, which follows it; put each issuer after what it"
                " issued, and the root last"
            ) from None


def _valid(one: x509.Certificate, at: datetime) -> None:
    if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
        begin, end = one.not_valid_before_utc.date(), one.not_valid_after_utc.date()
        raise CertificateRefused(f"{_name(one)} holds from {begin} to {end}, not today; ask the issuer for a new one")


def _name(one: x509.Certificate) -> str:
    return one.subject.rfc4514_string() or f"certificate {one.serial_number:x}"


def local(at: datetime) -> Credentials:
    """A new root that issues one leaf, both P-256; the root's key is forgotten."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _issued("Homage local root", root_key, root_key, at, None)
    leaf = _issued("Homage local signer", leaf_key, root_key, at, root)
    pem = serialization.Encoding.PEM
    texts = [certificate.public_bytes(pem).decode() for certificate in (leaf, root)]
    key = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return Credentials(texts[1], "".join(texts), key)


def _issued(
    name: str,
    key: EllipticCurvePrivateKey,
    signer: EllipticCurvePrivateKey,
    at: datetime,
    issuer: x509.Certificate | None,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

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
        purposes = [x509.ObjectIdentifier(EMAIL_PROTECTION), x509.ObjectIdentifier(C2PA_SIGNING)]
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        builder = builder.add_extension(above, critical=False)
    return builder.sign(signer, hashes.SHA256())
