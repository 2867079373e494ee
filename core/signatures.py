"""Signatures that anyone can check: JSON Web Signatures (RFC 7515) by Ed25519 keys (RFC 8037), and the public keys.

Each purpose has a folder of keys of its own. The first key is made when first needed, by one process even if several
try. A rotation adds a file, which signs from then on; the keys before it sign no more and verify as before. Nothing in
the folder is ever rewritten.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core import canonical
from core.blobs import create_once
from core.errors import Invalid
from core.keys import KeyUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VERDICT: Final = "homage-verdict+jwt"  # what is signed, as `typ` says it
SNAPSHOT: Final = "homage-snapshot+jwt"
RECEIPT: Final = "homage-receipt+jwt"
ALGORITHM: Final = "EdDSA"
MOST_LETTERS = 1 << 18  # of a signature that is looked at at all; a verdict has some thousands
LOOKED_AGAIN = 1.0  # seconds until the folder is looked at again: another process may have rotated
LATE = timedelta(minutes=1)  # so long after its retirement a key may still sign: processes notice, clocks differ

_BYTES = 32
_FILE = re.compile(r"key-([1-9][0-9]{0,5})\.json")


class SignatureRefused(Invalid):
    """The signature does not hold, is of another kind, or is by nobody whom the given keys know."""


class SignerUnknown(SignatureRefused):
    """None of the given keys made this signature; fetch the signer's keys anew, past caches, and try again."""


@dataclass(frozen=True)
class SigningKey:
    """One key of a purpose. `kid`: its thumbprint (RFC 7638); `retired_at`: since when it signs no more, or None."""

    kid: str
    x: str  # the public key, in base 64 for URLs
    since: datetime
    retired_at: datetime | None
    secret: bytes = field(repr=False)

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.secret)


@dataclass(frozen=True)
class Verified:
    """What a signature that holds says: the bytes that were signed, and by which key."""

    payload: bytes
    kid: str
    retired_at: datetime | None

    def signed_in_time(self, at: datetime) -> bool:
        """Whether its key still signed at this time, which the payload says: one that was rotated away may be known
        to others."""
        return self.retired_at is None or at <= self.retired_at + LATE


class Signer:
    """The keys of one purpose, in a folder. `typ`: what they sign, and nothing else, as a media type without
    "application/" (RFC 8725, 3.11)."""

    def __init__(self, folder: Path, *, typ: str) -> None:
        self.folder = folder
        self.typ = typ
        self._lock = threading.Lock()
        self._kept: tuple[frozenset[str], tuple[SigningKey, ...]] = frozenset(), ()
        self._looked = float("-inf")

    def sign(self, payload: bytes, *, at: datetime) -> str:
        """The payload as a compact JWS by the key that signs now; the first one is made `at` this time.

        Raises KeyUnusable.
        """
        from jwt.api_jws import encode

        key = self.current(at)
        return encode(payload, key.private, ALGORITHM, headers={"kid": key.kid, "typ": self.typ})

    def current(self, at: datetime) -> SigningKey:
        """The key that signs; made if there is none. Raises KeyUnusable."""
        keys = self.keys() or (self._make(1, at),)
        return keys[-1]

    def keys(self) -> tuple[SigningKey, ...]:
        """Every key, the oldest first; a rotation by another process is seen within a second. Raises KeyUnusable."""
        with self._lock:
            if time.monotonic() - self._looked < LOOKED_AGAIN:
                return self._kept[1]
            names = self._names()
            if names != self._kept[0]:
                self._kept = names, tuple(self._read(names))
            self._looked = time.monotonic()
            return self._kept[1]

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 7517); `retired_at` is when a key signed for the last time.

        `signs` is the `typ` of what a key signs: whoever has the key of one purpose cannot speak for another.
        Raises KeyUnusable.
        """
        return {"keys": [self._public(key) for key in self.keys()]}

    def rotate(self, at: datetime) -> SigningKey:
        """Sign with a new key from now on, in every process, and keep the others to verify with. Raises KeyUnusable."""
        self._look_again()
        return self._make(len(self.keys()) + 1, at)

    def _public(self, key: SigningKey) -> dict[str, Any]:
        retired = {} if key.retired_at is None else {"retired_at": key.retired_at.isoformat()}
        shape = {"kty": "OKP", "crv": "Ed25519", "x": key.x}
        return {**shape, "kid": key.kid, "use": "sig", "alg": ALGORITHM, "signs": self.typ, **retired}

    def _make(self, number: int, at: datetime) -> SigningKey:
        path = self.folder / f"key-{number}.json"
        since = at.astimezone(UTC).replace(microsecond=0).isoformat()
        said = {"v": 1, "since": since, "secret": secrets.token_hex(_BYTES)}
        try:
            create_once(path, json.dumps(said).encode())
        except OSError as error:
            raise KeyUnusable(
                f"cannot write {path}: {error.strerror}; check its folder and the disk's space"
            ) from error
        self._look_again()
        return self.keys()[number - 1]  # another process may have been first

    def _look_again(self) -> None:
        with self._lock:
            self._looked = float("-inf")

    def _names(self) -> frozenset[str]:
        try:
            return frozenset(path.name for path in self.folder.iterdir() if _FILE.fullmatch(path.name))
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise KeyUnusable(f"cannot read {self.folder}: {error.strerror}; check its permissions") from error

    def _read(self, names: frozenset[str]) -> Iterator[SigningKey]:
        wanted = [f"key-{number}.json" for number in range(1, len(names) + 1)]
        missing = [name for name in wanted if name not in names]
        if missing:
            raise KeyUnusable(f"{self.folder} has no {missing[0]}; restore it from your copy")
        said = [_read(self.folder / name) for name in wanted]
        ends = [since for since, _ in said[1:]] + [None]
        for (since, secret), retired in zip(said, ends, strict=True):
            x = _public_of(secret)
            yield SigningKey(thumbprint(x), x, since, retired, secret)


def verified(jws: str, jwks: object, *, typ: str) -> Verified:
    """What was signed, if it is a signature of this `typ` by one of these keys (a JWK set, as `Signer.jwks` gives it).

    The algorithm is ours to say, never the signature's: "none", or the public key taken for a shared secret, are
    refused (RFC 8725, 3.1). Raises SignatureRefused, SignerUnknown.
    """
    from jwt.api_jws import decode_complete, get_unverified_header
    from jwt.exceptions import InvalidTokenError

    if len(jws) > MOST_LETTERS:
        raise SignatureRefused(f"this is no signature of ours: it has over {MOST_LETTERS:,} letters")
    try:
        header = get_unverified_header(jws)
        jwk = _named(jwks, header, typ)
        whole = decode_complete(jws, _key(jwk), algorithms=[ALGORITHM])
    except (InvalidTokenError, ValueError, RecursionError) as error:
        raise SignatureRefused(
            f"the signature does not hold ({str(error)[:100]}); ask its sender for another"
        ) from None
    return Verified(whole["payload"], jwk["kid"], _retired(jwk))


def thumbprint(x: str) -> str:
    """A key's name (RFC 7638): SHA-256 of its JWK in the one spelling, in base 64 for URLs."""
    return _base64(hashlib.sha256(canonical.dumps({"crv": "Ed25519", "kty": "OKP", "x": x})).digest())


def _named(jwks: object, header: dict[str, Any], typ: str) -> dict[str, Any]:
    """The key that the header names, if it may have signed this."""
    said, kid = header.get("typ"), header.get("kid")
    if header.get("alg") != ALGORITHM:
        raise SignatureRefused(f"this is signed by {str(header.get('alg'))[:20]!r}; only {ALGORITHM} is taken")
    if said != typ:
        raise SignatureRefused(f"this is a {str(said)[:60]!r}, and no {typ!r}")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list):
        raise SignatureRefused("these are no public keys; give a JWK set, as /.well-known/jwks.json has it")
    for jwk in keys:
        if isinstance(kid, str) and isinstance(jwk, dict) and jwk.get("kid") == kid:
            if jwk.get("signs", typ) != typ:
                raise SignatureRefused(f"key {kid[:60]} signs {str(jwk['signs'])[:60]!r}, and no {typ!r}")
            return jwk
    raise SignerUnknown(
        f"none of the {len(keys)} given keys is {str(kid)[:60]!r}, which this names; fetch the signer's keys anew"
    )


def _key(jwk: dict[str, Any]) -> Any:
    from jwt.api_jwk import PyJWK
    from jwt.exceptions import PyJWTError

    if (jwk.get("kty"), jwk.get("crv"), jwk.get("use", "sig")) != ("OKP", "Ed25519", "sig") or "d" in jwk:
        raise SignatureRefused(f"key {jwk['kid'][:60]} is no public Ed25519 key for signatures")
    try:
        return PyJWK({"kty": "OKP", "crv": "Ed25519", "x": jwk.get("x")}, algorithm=ALGORITHM).key
    except (PyJWTError, TypeError, ValueError) as error:
        raise SignatureRefused(f"key {jwk['kid'][:60]} is damaged; fetch the signer's keys anew") from error


def _retired(jwk: dict[str, Any]) -> datetime | None:
    said = jwk.get("retired_at")
    if said is None:
        return None
    try:
        return datetime.fromisoformat(said).astimezone(UTC)
    except (TypeError, ValueError):
        raise SignatureRefused(f"key {jwk['kid'][:60]} is damaged; fetch the signer's keys anew") from None


def _read(path: Path) -> tuple[datetime, bytes]:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(f"{path} can be read by others; run: chmod 600 '{path}'")
        said = json.loads(path.read_text())
        since, secret, version = datetime.fromisoformat(said["since"]), bytes.fromhex(said["secret"]), said["v"]
    except OSError as error:
        raise KeyUnusable(f"cannot read {path}: {error.strerror}; check its permissions") from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeyUnusable(f"{path} is no signing key; restore it from your copy") from error
    if version != 1 or len(secret) != _BYTES or since.tzinfo is None:
        raise KeyUnusable(f"{path} is no signing key of this version; restore it from your copy")
    return since, secret


def _public_of(secret: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _base64(Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
